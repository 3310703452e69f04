-- Instants are microseconds since 1970 UTC; names ending in _json hold JSON.
CREATE TABLE lease (
  name TEXT PRIMARY KEY,
  owner TEXT NOT NULL,
  host TEXT NOT NULL,
  pid BIGINT NOT NULL,
  epoch BIGINT NOT NULL,
  since BIGINT NOT NULL,
  expires BIGINT NOT NULL
);
CREATE TABLE cursor (
  source TEXT PRIMARY KEY,
  watermark TEXT NOT NULL,
  sweep_low TEXT,
  sweep_start TEXT,
  last_id BIGINT NOT NULL,
  newest TEXT NOT NULL,
  is_full INTEGER NOT NULL,
  baselined INTEGER NOT NULL,
  full_sweep_at BIGINT
);
CREATE TABLE snapshot (
  ticket BIGINT PRIMARY KEY,
  queue BIGINT NOT NULL,
  record_json TEXT NOT NULL,
  digest TEXT NOT NULL,
  modified TEXT NOT NULL,
  created TEXT NOT NULL,
  last_row BIGINT NOT NULL,
  owner TEXT,
  state TEXT,
  status TEXT,
  episode INTEGER NOT NULL,
  seen_at BIGINT NOT NULL,
  gone_at BIGINT
);
CREATE INDEX snapshot_load ON snapshot (owner, state, status, gone_at);
CREATE TABLE event (
  ticket BIGINT NOT NULL,
  cause TEXT NOT NULL,
  kind TEXT NOT NULL,
  at BIGINT NOT NULL,
  detail_json TEXT NOT NULL,
  PRIMARY KEY (ticket, cause, kind)
);
CREATE TABLE decision (
  id TEXT PRIMARY KEY,
  ticket BIGINT NOT NULL,
  rule TEXT NOT NULL,
  phase TEXT NOT NULL,
  cause TEXT NOT NULL,
  at BIGINT NOT NULL,
  episode INTEGER NOT NULL,
  level INTEGER,
  mode TEXT NOT NULL,
  late_s DOUBLE PRECISION NOT NULL,
  run TEXT NOT NULL,
  state TEXT NOT NULL,
  page BIGINT NOT NULL,
  position INTEGER NOT NULL,
  trace_json TEXT NOT NULL
);
CREATE INDEX decision_ticket ON decision (ticket);
CREATE INDEX decision_run ON decision (run);
CREATE TABLE effect (
  decision TEXT NOT NULL REFERENCES decision (id),
  part INTEGER NOT NULL,
  kind TEXT NOT NULL,
  ticket BIGINT NOT NULL,
  state TEXT NOT NULL,
  detail_json TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  epoch BIGINT,
  intent_at BIGINT,
  send_by BIGINT,
  settle_until BIGINT,
  verified_row BIGINT,
  reason TEXT NOT NULL,
  PRIMARY KEY (decision, part)
);
CREATE INDEX effect_state ON effect (state, ticket);
CREATE INDEX effect_ticket ON effect (ticket);
CREATE TABLE outbox (
  message_key TEXT PRIMARY KEY,
  seq BIGINT NOT NULL UNIQUE,
  decision TEXT REFERENCES decision (id),
  ticket BIGINT NOT NULL,
  channel TEXT NOT NULL,
  recipient TEXT NOT NULL,
  message_json TEXT NOT NULL,
  state TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  ambiguous INTEGER NOT NULL,
  next_at BIGINT NOT NULL,
  lease_until BIGINT,
  sent_at BIGINT,
  last_error TEXT NOT NULL
);
CREATE INDEX outbox_line ON outbox (ticket, channel, recipient, seq);
CREATE INDEX outbox_state ON outbox (state, next_at);
CREATE INDEX outbox_recipient ON outbox (recipient, sent_at);
CREATE TABLE due (
  ticket BIGINT NOT NULL,
  rule TEXT NOT NULL,
  level INTEGER NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (ticket, rule, level)
);
CREATE INDEX due_at ON due (at);
CREATE TABLE guard (
  ticket BIGINT NOT NULL,
  rule TEXT NOT NULL,
  field TEXT NOT NULL,
  hour BIGINT NOT NULL,
  writes INTEGER NOT NULL,
  PRIMARY KEY (ticket, rule, field, hour)
);
CREATE TABLE run (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  config_hash TEXT NOT NULL,
  started BIGINT NOT NULL,
  ended BIGINT,
  outcome TEXT NOT NULL,
  counts_json TEXT NOT NULL
);
CREATE INDEX run_started ON run (started);
CREATE TABLE silence (
  id INTEGER PRIMARY KEY,
  match_json TEXT NOT NULL,
  start BIGINT NOT NULL,
  until BIGINT NOT NULL,
  author TEXT NOT NULL,
  reason TEXT NOT NULL
);
CREATE TABLE absence (
  id INTEGER PRIMARY KEY,
  person TEXT NOT NULL,
  start BIGINT NOT NULL,
  until BIGINT NOT NULL,
  author TEXT NOT NULL,
  reason TEXT NOT NULL
);
CREATE TABLE turn (
  team TEXT PRIMARY KEY,
  person TEXT NOT NULL
);
CREATE TABLE audit (
  seq BIGINT PRIMARY KEY,
  at BIGINT NOT NULL,
  actor TEXT NOT NULL,
  event TEXT NOT NULL,
  subject TEXT NOT NULL,
  data_json TEXT NOT NULL,
  prev_hash TEXT NOT NULL,
  hash TEXT NOT NULL
);
