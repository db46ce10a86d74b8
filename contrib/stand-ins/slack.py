#!/usr/bin/env python3
"""A stand-in for Slack's incoming webhooks: checks what Slack checks and keeps what it was sent.

    slack.py --port 9300 --log FILE

POST /services/... takes a message; every accepted one is a JSON line in the log.
POST /answer?status=429&retry_after=1&times=2 makes the next answers fail that way.
"""
import argparse
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


def complaint(payload):
    """Why Slack would refuse the payload; None when it would not."""
    if not isinstance(payload, dict):
        return "invalid_payload"
    text = payload.get("text", "")
    blocks = list(payload.get("blocks", []))
    for attachment in payload.get("attachments", []):
        blocks += attachment.get("blocks", [])
    if not text and not blocks:
        return "no_text"
    if len(text) > 40_000:
        return "msg_too_long"
    if len(blocks) > 50:
        return "invalid_blocks"
    for block in blocks:
        kind = block.get("type")
        if kind == "header" and not 0 < len(block["text"]["text"]) <= 150:
            return "invalid_blocks"
        if kind == "section" and not 0 < len(block.get("text", {}).get("text", "")) <= 3_000:
            return "invalid_blocks"
        if kind == "context" and not 0 < len(block.get("elements", [])) <= 10:
            return "invalid_blocks"
        if kind not in ("header", "section", "context", "divider", "actions"):
            return "invalid_blocks"
    return None


class Webhook(BaseHTTPRequestHandler):
    lock = threading.Lock()
    planned = []
    log = None
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def answer(self, status, body, headers=()):
        data = body.encode()
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        parts = urlsplit(self.path)
        if parts.path == "/answer":
            query = parse_qs(parts.query)
            plan = (int(query["status"][0]), query.get("body", ["error"])[0],
                    query.get("retry_after", [None])[0])
            with self.lock:
                Webhook.planned += [plan] * int(query.get("times", ["1"])[0])
            return self.answer(200, "ok")
        with self.lock:
            plan = Webhook.planned.pop(0) if Webhook.planned else None
        if plan:
            return self.answer(plan[0], plan[1], [("Retry-After", plan[2])] if plan[2] else [])
        try:
            payload = json.loads(body)
        except ValueError:
            return self.answer(400, "invalid_payload")
        reason = complaint(payload)
        if reason:
            return self.answer(400, reason)
        with self.lock, open(Webhook.log, "a", encoding="utf-8") as log:
            log.write(json.dumps({"at": time.time(), "payload": payload}) + "\n")
        self.answer(200, "ok")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=9300)
    parser.add_argument("--log", required=True)
    arguments = parser.parse_args()
    Webhook.log = arguments.log
    open(arguments.log, "a", encoding="utf-8").close()
    ThreadingHTTPServer(("127.0.0.1", arguments.port), Webhook).serve_forever()


if __name__ == "__main__":
    main()
