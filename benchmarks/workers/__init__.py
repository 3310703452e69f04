"""Several workers on one store, killed, stopped and lied to; then a checker that shares no code.

    python -m benchmarks.workers --workers 4 --minutes 10 --store postgres --faults

Real ``kace-bridge watch`` processes work for one sandbox appliance over HTTP, send mail to a real
SMTP server and webhooks to a real web server, both on loopback. People submit, comment, close and
re-open meanwhile; requests fail in every way the sandbox knows, mail and web servers refuse or
lose their answer; workers are stopped (SIGSTOP) and killed (SIGKILL) at random. At the end the
world is left to come to rest, and ``benchmarks.workers.check`` compares what people did with what
is on the tickets and what arrived. It imports nothing of the program.

Prints the figures; exits 1 where an effect was lost, doubled or out of order. With ``--broken`` a
safeguard is taken out of the workers, and it exits 1 where the checker does *not* notice.
"""
