"""Points 01 to 16: transport and authentication."""

from datetime import timedelta

from kace_bridge.sandbox.totp import totp_code
from tests.sandbox.points import point
from tests.support.sandbox_calls import LOGIN, TICKETS, Caller, log_in, make_appliance

ME = "/api/users/me"
VERIFY = "/ams/shared/api/security/verify_2factor"
GOOD = {"userName": "admin", "password": "sandbox-password"}


@point("01")
def version_header() -> None:
    """Generations A and B refuse a request without their version header, C does not."""
    for generation, name in (("A", "x-dell-api-version"), ("B", "x-kace-api-version")):
        app = make_appliance(generation=generation)
        reply = Caller(app).post(LOGIN, GOOD)
        assert reply.status == 400
        assert reply.json()["errorCode"] == -1
        assert name in reply.json()["errorDescription"]
        assert Caller(app, **{name: "8.1"}).post(LOGIN, GOOD).status == 200
        assert Caller(app, **{name: "0"}).post(LOGIN, GOOD).status == 400
    assert Caller(make_appliance()).post(LOGIN, GOOD).status == 200


def _csrf(generation: str, name: str) -> None:
    app = make_appliance(generation=generation)
    caller = log_in(app)
    assert caller.headers[name] == caller.cookies["KACE_CSRF_TOKEN"]
    assert caller.get(ME).status == 200
    right = caller.headers.pop(name)
    assert caller.get(ME).status == 403
    caller.headers[name] = "0" + right[1:]
    assert caller.get(ME).status == 403
    caller.headers[name] = right
    caller.cookies["KACE_CSRF_TOKEN"] = "other"
    assert caller.get(ME).status == 403


@point("02")
def csrf_on_a() -> None:
    """Generation A wants x-dell-csrf-token to equal the cookie, on reads too."""
    _csrf("A", "x-dell-csrf-token")
    app = make_appliance(generation="A", csrf_status=401)
    caller = log_in(app)
    del caller.headers["x-dell-csrf-token"]
    assert caller.get(ME).status == 401


@point("03")
def csrf_on_b_and_c() -> None:
    """Generation B is the same with x-kace-csrf-token; C never sends nor checks one."""
    _csrf("B", "x-kace-csrf-token")
    caller = log_in(make_appliance())
    assert not [name for name in caller.headers if "csrf" in name]
    assert "KACE_CSRF_TOKEN" not in caller.cookies
    assert caller.get(ME).status == 200


@point("04")
def login_body() -> None:
    """Login needs JSON userName and password; the organization is optional."""
    app = make_appliance()
    caller = Caller(app)
    assert caller.post(LOGIN, b"userName=admin").status == 400
    assert caller.post(LOGIN, {"userName": "admin"}).status == 400
    assert caller.post(LOGIN, GOOD).status == 200
    assert caller.post(LOGIN, GOOD | {"organizationName": "Default"}).status == 200
    assert log_in(app).get(ME).json()["organization"] == "Default"


@point("05")
def bad_credentials() -> None:
    """A wrong user, password or organization is a 401 with the error body."""
    caller = Caller(make_appliance())
    for wrong in ({"userName": "x"}, {"password": "x"}, {"organizationName": "x"}):
        reply = caller.post(LOGIN, GOOD | wrong)
        assert reply.status == 401
        assert reply.json().keys() == {"errorCode", "errorDescription"}


@point("06")
def login_answer() -> None:
    """A login sets its generation's cookies with path / and answers a non-empty object."""
    kept = {"KACE_CSRF_TOKEN", "KACE_LAST_ORG_SECURE", "KACE_LAST_USER_SECURE"}
    wanted = {
        "A": {"kboxid", "x-dell-auth-jwt"} | kept,
        "B": {"kboxid", "x-kace-auth-jwt"} | kept,
        "C": {"kboxid", "x-kace-auth-jwt"},
    }
    for generation, names in wanted.items():
        caller = Caller(make_appliance(generation=generation, require_version_header=False))
        reply = caller.post(LOGIN, GOOD)
        assert caller.cookies.keys() == names
        cookies = [value for name, value in reply.headers if name == "Set-Cookie"]
        assert all("path=/;" in cookie for cookie in cookies)
        assert reply.json()


@point("07")
def legacy_login_on_c() -> None:
    """Generation C takes a login with the old header and asks for no CSRF token."""
    caller = Caller(make_appliance(), **{"x-dell-api-version": "13"})
    reply = caller.post(LOGIN, GOOD)
    assert reply.status == 200
    assert not [name for name, _ in reply.headers if "csrf" in name]
    assert caller.cookies.keys() == {"kboxid", "x-dell-auth-jwt"}
    assert caller.get(ME).status == 200


@point("08")
def no_session() -> None:
    """Without a valid session every /api call is a 401 with errorCode -1."""
    app = make_appliance()
    for path in (ME, TICKETS, "/api/inventory/machines", "/api/no/such/route"):
        reply = Caller(app).get(path)
        assert reply.status == 401
        assert reply.json() == {"errorCode": -1, "errorDescription": "User not authenticated."}
    half = log_in(app)
    del half.cookies["x-kace-auth-jwt"]
    assert half.get(ME).status == 401


@point("09")
def expired_session() -> None:
    """An hour without a call ends the session: 401 Expired token."""
    app = make_appliance()
    caller = log_in(app)
    for _ in range(3):
        app.clock.advance(timedelta(minutes=59))
        assert caller.get(ME).status == 200
    app.clock.advance(timedelta(minutes=61))
    reply = caller.get(ME)
    assert (reply.status, reply.json()["errorDescription"]) == (401, "Expired token")
    fixed = make_appliance(session_slides=False, session_ttl_s=600)
    caller = log_in(fixed)
    fixed.clock.advance(timedelta(minutes=6))
    assert caller.get(ME).status == 200
    fixed.clock.advance(timedelta(minutes=6))
    assert caller.get(ME).status == 401


@point("10")
def two_factor() -> None:
    """A session waiting for its one-time code is refused until the code is posted."""
    app = make_appliance(two_factor=True)
    for route in (VERIFY, VERIFY.replace("2factor", "2fa")):
        caller = log_in(app)
        reply = caller.get(TICKETS)
        assert reply.status == 401
        assert reply.json()["errorDescription"] == "User not fully authenticated."
        assert caller.post(route, {"currentCode": "000000"}).status == 401
        code = totp_code(app.settings.totp_seed, app.clock.now())
        assert caller.post(route, {"currentCode": code}).status == 200
        assert caller.get(TICKETS).status == 200
    only = make_appliance(two_factor=True, two_factor_routes=("verify_2fa",))
    assert log_in(only).post(VERIFY, {"currentCode": "1"}).status == 404


@point("11")
def logout() -> None:
    """After logout the cookies are dead."""
    caller = log_in(make_appliance())
    assert caller.get("/ams/shared/api/security/logout").status == 200
    assert caller.get(ME).status == 401


@point("12")
def organizations() -> None:
    """Switching organization changes the visible data; the cookie follows."""
    app = make_appliance(more_organizations=("Clinic",))
    caller = log_in(app)
    caller.create(title="only in Default")
    rows = caller.rows("/ams/shared/api/organizations")
    number = next(row["id"] for row in rows if row["name"] == "Clinic")
    switch = "/ams/shared/api/security/organization"
    assert caller.post(f"{switch}/switch", query=f"organizationId={number}").status == 200
    assert caller.cookies["KACE_LAST_ORG_SECURE"] == "Clinic"
    assert caller.ids() == []
    assert caller.post(f"{switch}/1/switchto").status == 200
    assert caller.cookies["KACE_LAST_ORG_SECURE"] == "Default"
    assert caller.ids() == [1]
    assert caller.post(f"{switch}/99/switchto").status == 404
    assert log_in(app, organization="Clinic").ids() == []
    assert log_in(app, organization="System").get(TICKETS).status == 404


@point("13")
def permissions() -> None:
    """users/me tells id and permission; HIDE hides tickets, READ refuses writes."""
    data = {
        "users": [
            {"user_name": "reader", "password": "p", "role": "readonly"},
            {"user_name": "blind", "password": "p", "role": "administrator", "helpdesk": "HIDE"},
        ]
    }
    app = make_appliance()
    app.load(data)
    admin = log_in(app)
    number = admin.create(title="seen?")
    me = admin.get(ME).json()
    assert (me["userId"], me["permissions"]["helpdesk"]) == (10, "WRITE")
    reader = log_in(app, "reader", "p")
    assert reader.get(ME).json()["permissions"]["helpdesk"] == "READ"
    assert reader.ids() == [number]
    assert reader.update(number, title="no").status == 403
    assert reader.post(TICKETS, {"Tickets": [{"hd_queue_id": 1}]}).status == 403
    blind = log_in(app, "blind", "p")
    assert blind.get(ME).json()["permissions"]["helpdesk"] == "HIDE"
    assert blind.ids() == []
    assert blind.get(f"{TICKETS}/{number}").status == 404
    assert blind.update(number, title="no").status == 403


@point("14")
def trailing_slash() -> None:
    """A trailing slash makes no difference."""
    caller = log_in(make_appliance())
    for path in (TICKETS, "/api/service_desk/queues", ME, "/api/users/users"):
        assert caller.get(path + "/").body == caller.get(path).body


@point("15")
def unknown_routes() -> None:
    """An unsupported verb is a 405, an unknown route a 404."""
    caller = log_in(make_appliance())
    reply = caller.send("DELETE", TICKETS)
    assert reply.status == 405
    assert ("Allow", "GET, POST") in reply.headers
    assert caller.get(LOGIN).status == 405
    assert caller.get("/api/service_desk/rules").status == 404
    assert caller.get("/ams/shared/api/security/nothing").status == 404


@point("16")
def standard_users() -> None:
    """A standard user sees only the tickets they submit."""
    app = make_appliance()
    app.load({"users": [{"user_name": name, "password": "p"} for name in ("jdoe", "other")]})
    admin = log_in(app)
    jdoe = app.desk.user_named("jdoe")
    assert jdoe is not None
    mine, foreign = admin.create(submitter=jdoe.id), admin.create(title="not mine")
    caller = log_in(app, "jdoe", "p")
    assert caller.ids() == [mine]
    assert caller.get(f"{TICKETS}/{foreign}").status == 404
    assert caller.get(f"{TICKETS}/{foreign}/changes").status == 404
    assert [row["user_name"] for row in caller.rows("/api/users/users")] == ["jdoe"]
