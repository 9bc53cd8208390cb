"""A language server to the letter of the protocol, with the faults its arguments name.

`python fake_server.py LOG [fault …]`: each line with BAD is an error, each with WARN a warning. What it receives is
written to LOG, one JSON message a line.
"""

import json
import os
import signal
import subprocess
import sys
import time

LOG, FAULTS = sys.argv[1], set(sys.argv[2:])
OUT = sys.stdout.buffer
TEXTS: dict[str, tuple[int, str]] = {}


def send(message):
    body = json.dumps({"jsonrpc": "2.0", **message}).encode()
    if "chatter" in FAULTS:
        OUT.write(b"Loading plugins ...\nDeprecationWarning: {}\n")
        OUT.write(b"Content-Type: application/vscode-jsonrpc; charset=utf-8\r\ncontent-length: %d\r\n\r\n" % len(body))
    else:
        OUT.write(b"Content-Length: %d\r\n\r\n" % len(body))
    OUT.write(body)
    OUT.flush()


def receive():
    length = None
    while line := sys.stdin.buffer.readline():
        if line == b"\r\n":
            message = json.loads(sys.stdin.buffer.read(length))
            with open(LOG, "a") as log:
                log.write(json.dumps(message) + "\n")
            return message
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    return sys.exit(0)


def diagnostics(text):
    found = []
    for number, line in enumerate(text.split("\n")):
        for word, severity in (("BAD", 1), ("WARN", 2)):
            if word in line:
                at = len(line[: line.index(word)].encode("utf-16-le")) // 2
                place = {"line": number, "character": at}
                message = f"{word} is here" + ("!" * 3_000_000 if "huge" in FAULTS else "")
                found.append(
                    {"range": {"start": place, "end": place}, "severity": severity, "message": message, "code": "E1"}
                )
    return found


def publish(uri):
    version, text = TEXTS[uri]
    params = {"uri": uri, "diagnostics": diagnostics(text)}
    if "unversioned" not in FAULTS:
        params["version"] = version
    if "odd-uri" in FAULTS:
        params["uri"] = "FILE://localhost" + uri.removeprefix("file://").replace("w", "%77")
    send({"method": "textDocument/publishDiagnostics", "params": params})


def initialized():
    if "asks" in FAULTS:
        items = {"items": [{"section": "python.pythonPath"}, {"section": "nothing"}, {}]}
        for number, (method, params) in enumerate(
            [
                ("workspace/configuration", items),
                ("client/registerCapability", {"registrations": [{"id": "1", "method": "textDocument/didSave"}]}),
                ("window/workDoneProgress/create", {"token": "t"}),
                ("window/showMessageRequest", {"type": 1, "message": "Restart?", "actions": [{"title": "Yes"}]}),
                ("workspace/applyEdit", {"edit": {}}),
                ("workspace/workspaceFolders", None),
                ("made/up", {}),
                ("workspace/configuration", {"wrong": 1}),
            ]
        ):
            send({"id": f"s{number}", "method": method, "params": params})
        send({"method": "$/progress", "params": 7})
        send({"method": "textDocument/publishDiagnostics", "params": {"uri": 3}})
    if "registers-pull" in FAULTS:
        registration = {"id": "p", "method": "textDocument/diagnostic", "registerOptions": {}}
        send({"id": "r", "method": "client/registerCapability", "params": {"registrations": [registration]}})


def changed(uri, version, text):
    TEXTS[uri] = (version, text)
    if "dies-when-shown" in FAULTS or ("dies-once" in FAULTS and not os.path.exists(LOG + ".died")):
        open(LOG + ".died", "w").close()
        print("error: no toolchain\n\x1b[31mhelp: install one", file=sys.stderr, flush=True)
        os._exit(3)
    if "reads-first" in FAULTS and version == 1:
        token = {"token": "t"}
        send({"method": "$/progress", "params": token | {"value": {"kind": "begin", "title": "Indexing"}}})
        send({"method": "textDocument/publishDiagnostics", "params": {"uri": uri, "version": 1, "diagnostics": []}})
        while not os.path.exists(LOG + ".read"):
            time.sleep(0.02)
        publish(uri)
        send({"method": "$/progress", "params": token | {"value": {"kind": "end"}}})
    elif not FAULTS & {"mute", "pull", "registers-pull"}:
        publish(uri)


def main():
    if "dies" in FAULTS:
        print("cannot load", file=sys.stderr)
        sys.exit(9)
    if "stubborn" in FAULTS:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        child = subprocess.Popen([sys.executable, "-c", "import signal, time; signal.signal(15, 1); time.sleep(300)"])
        with open(LOG + ".pids", "w") as pids:
            pids.write(f"{os.getpid()} {child.pid}")
    while True:
        message = receive()
        method, params = message.get("method"), message.get("params")
        match method:
            case "initialize":
                if "hangs" in FAULTS:
                    continue
                offers = {"textDocumentSync": {"openClose": True, "change": 1, "save": {"includeText": False}}}
                if "pull" in FAULTS:
                    offers["diagnosticProvider"] = {"interFileDependencies": True, "workspaceDiagnostics": False}
                send({"id": message["id"], "result": {"capabilities": offers}})
            case "initialized":
                initialized()
            case "textDocument/didOpen":
                document = params["textDocument"]
                changed(document["uri"], document["version"], document["text"])
            case "textDocument/didChange":
                document = params["textDocument"]
                changed(document["uri"], document["version"], params["contentChanges"][0]["text"])
            case "textDocument/diagnostic":
                if "deaf" in FAULTS:
                    continue
                if "busy-once" in FAULTS:
                    FAULTS.discard("busy-once")
                    send({"id": message["id"], "error": {"code": -32802, "message": "busy"}})
                    continue
                items = diagnostics(TEXTS[params["textDocument"]["uri"]][1])
                send({"id": message["id"], "result": {"kind": "full", "items": items}})
            case "shutdown" if "stubborn" not in FAULTS:
                send({"id": message["id"], "result": None})
            case "exit" if "stubborn" not in FAULTS:
                return


main()
