"""The checks of ../clients/run-checks.mjs, for clients in Python."""

import asyncio
import json
import os
import subprocess
import sys
import time
import urllib.parse
import urllib.request
import uuid

STAGE = json.loads(os.environ["INTEROP_STAGE"])
SEEN_S = 5.0
CHECK_S = 45.0
PROBE_TOOLS = ["probe_echo", "probe_fail", "probe_wait", "probe_write"]
BULK = {f"bulk_read{index:04d}" for index in range(1050)}


class Mismatch(Exception):
    pass


class NotOffered(Exception):
    pass


def report(check, status, detail=None):
    print(json.dumps({"check": check, "status": status, **({"detail": detail} if detail else {})}), flush=True)


def ensure(condition, problem):
    if not condition:
        raise Mismatch(problem)


def describe(error):
    while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    if isinstance(error, BaseExceptionGroup):
        return " ".join(describe(one) for one in error.exceptions)[:400]
    return " ".join(f"{type(error).__name__}: {error}".split())[:400]


def new_key():
    return f"key-{uuid.uuid4()}"


async def ask(path, method="GET"):
    def fetch():
        request = urllib.request.Request(STAGE["controlUrl"] + path, method=method)
        with urllib.request.urlopen(request, timeout=40) as response:
            return json.load(response)

    return await asyncio.to_thread(fetch)


def arrival_of(key):
    return ask(f"/arrival?id={urllib.parse.quote(key)}")


async def wait_for(question, seconds=SEEN_S):
    deadline = time.monotonic() + seconds
    while True:
        answer = await question()
        if answer:
            return answer
        if time.monotonic() > deadline:
            return None
        await asyncio.sleep(0.05)


async def sign_in(user, authorization_url):
    """Where a desktop would open a browser. Returns the parameters of the callback."""
    command = [STAGE["node"], STAGE["browserProgram"], authorization_url, "--print"]
    done = await asyncio.to_thread(subprocess.run, command, env={**os.environ, "INTEROP_USER": user}, capture_output=True, text=True, timeout=30)
    ensure(done.returncode == 0, done.stderr[-400:])
    return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(done.stdout).query))


async def run_checks(open_client, faults=None):
    """
    open_client(user) is an async context manager of a connection: protocol, declares_list_changed, tools(), call(), listen(heard).
    faults: checks that fail by the client's own fault, as the wire shows, and what it does; made all the same.
    """

    async def run(check, body):
        try:
            return report(check, "ok", await asyncio.wait_for(body(), CHECK_S))
        except NotOffered as error:
            return report(check, "not offered", str(error))
        except Mismatch as error:
            shown = str(error)
        except TimeoutError as error:
            shown = f"no end in time: {error}"
        except Exception as error:
            shown = describe(error)
        if faults and check in faults:
            return report(check, "not offered", faults[check])
        report(check, "failed", shown)

    async def with_user(user, check):
        async with open_client(user) as connection:
            return await check(connection)

    try:
        async with open_client("alice") as alice:
            report("login", "ok", f"{alice.login}, {alice.protocol}")
            await run("list", lambda: check_list(alice))
            await run("call", lambda: check_call(alice))
            await run("tool error", lambda: check_tool_error(alice))
            await run("unknown tool", lambda: check_unknown_tool(alice))
            await run("cancel", lambda: check_cancel(alice))
            await run("list changed", lambda: check_list_changed(alice))
            await run("step-up", lambda: check_step_up(alice))
    except Exception as error:
        report("login", "failed", describe(error))
        return
    await run("missing scope", lambda: with_user("carol", check_missing_scope))
    await run("1,000 tools", lambda: with_user("bob", check_bulk))


async def check_list(connection):
    names = sorted(name for name in await connection.tools() if not name.startswith("probe_added"))
    ensure(names == PROBE_TOOLS, f"it lists {', '.join(names)}")


async def check_call(connection):
    key = new_key()
    # Beyond what a double can hold: Python and Gatehouse keep it.
    body = {"text": "Zoë \"quoted\" \\ back\nline 漢字 🧾 \u0000", "decimal": 12.5, "big": 9007199254740993, "flag": False, "list": ["", "a,b", "%2F"], "inner": {"empty": ""}}
    identifier = f"{key} a/b?c%é"
    query = "x&y=z +ü/?"
    is_error, text = await connection.call("probe_echo", {"id": identifier, "q": query, **body})
    ensure(not is_error, f"the call failed: {text}")
    arrival = await arrival_of(key)
    ensure(arrival, "the API saw no call")
    path, _, sent = arrival["target"].partition("?")
    ensure(path == "/echo/" + urllib.parse.quote(identifier, safe=""), f"the target arrived as {arrival['target']}")
    ensure(sent.replace("%2F", "/").replace("%3F", "?") == "q=" + urllib.parse.quote(query, safe="/?"), f"the target arrived as {arrival['target']}")
    ensure(json.loads(arrival["body"]) == body, f"the body arrived as {arrival['body']}")
    ensure(key in text, f"the answer came back as {text}")


async def check_tool_error(connection):
    key = new_key()
    is_error, text = await connection.call("probe_fail", {"id": key})
    ensure(is_error, f"it is not marked as an error: {text}")
    ensure(f"closed: {key}" in text, f"what the API said is missing: {text}")


async def check_unknown_tool(connection):
    try:
        is_error, text = await connection.call("probe_nothing", {})
    except Exception as error:
        code = getattr(getattr(error, "error", error), "code", None)
        ensure(code == -32602 or "-32602" in str(error) or "unknown" in str(error).lower(), f"it shows {describe(error)}")
        return describe(error)
    ensure(is_error, f"it answers {text}")
    return text


async def check_cancel(connection):
    key = new_key()
    call = asyncio.create_task(connection.call("probe_wait", {"id": key}))
    ensure(await wait_for(lambda: arrival_of(key)), "the call never reached the API")
    began = time.monotonic()
    call.cancel()
    await asyncio.wait([call], timeout=SEEN_S)
    ensure(call.done(), "the call did not end")

    async def is_aborted():
        return (await arrival_of(key))["aborted"]

    ensure(await wait_for(is_aborted), f"the call to the API went on for {SEEN_S:.0f} s after it was cancelled ({connection.protocol})")
    return f"upstream ended after {(time.monotonic() - began) * 1000:.0f} ms"


async def check_list_changed(connection):
    if not connection.declares_list_changed:
        raise NotOffered("the server does not declare tools.listChanged")
    heard = asyncio.Event()
    async with connection.listen(heard.set):
        added = (await ask("/change", "POST"))["added"]
        began = time.monotonic()
        try:
            await asyncio.wait_for(heard.wait(), SEEN_S)
        except TimeoutError:
            raise Mismatch(f"nothing was heard within {SEEN_S:.0f} s of the apply ({connection.protocol})") from None
        took = (time.monotonic() - began) * 1000
        ensure(added in await connection.tools(), f"the list read after it lacks {added}")
    return f"heard {took:.0f} ms after the apply" if took >= 1 else "heard before the apply had ended"


async def check_step_up(connection):
    if connection.login == "header":
        raise NotOffered("a header is all it has")
    key = new_key()
    try:
        is_error, text = await connection.call("probe_write", {"id": key})
    except Exception as error:
        raise Mismatch(f"it shows {describe(error)}") from error
    ensure(not is_error, f"it shows {text}")
    ensure(await arrival_of(key), "the API saw no call")


async def check_missing_scope(connection):
    key = new_key()
    try:
        is_error, shown = await connection.call("probe_write", {"id": key})
        ensure(is_error, f"carol was served: {shown}")
    except Mismatch:
        raise
    except Exception as error:
        shown = describe(error)
    ensure(await arrival_of(key) is None, "the call reached the API")
    return shown


async def check_bulk(connection):
    names = await connection.tools()
    ensure(len(names) == len(BULK) and set(names) == BULK, f"{len(names)} tools")


def main(open_client, faults=None):
    asyncio.run(run_checks(open_client, faults))
    sys.stdout.flush()
    os._exit(0)
