#!/usr/bin/env python3
"""A real SMTP server (aiosmtpd) that keeps what it was sent, with switches for its faults.

    smtp.py --port 2525 --log FILE [--tls CERT KEY [--implicit]] [--user NAME --password PASSWORD]
            [--reject ADDRESS] [--drop-in-data]

Every accepted message is a JSON line in the log: envelope, subject, texts, and the raw message.
"""
import argparse
import asyncio
import email
import email.policy
import json
import ssl
import time

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult


class Keeper:
    def __init__(self, arguments):
        self.arguments = arguments

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address in self.arguments.reject:
            return "550 5.1.1 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if self.arguments.drop_in_data:
            server.transport.abort()
            return "421 gone"
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        with open(self.arguments.log, "a", encoding="utf-8") as log:
            log.write(json.dumps({
                "at": time.time(), "from": envelope.mail_from, "to": envelope.rcpt_tos,
                "tls": session.ssl is not None, "user": str(session.auth_data or ""),
                "subject": str(message["Subject"]), "id": str(message["Message-ID"]),
                "text": message.get_body(("plain",)).get_content(),
                "raw": envelope.content.decode("utf-8", "replace")}) + "\n")
        return "250 OK"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=2525)
    parser.add_argument("--log", required=True)
    parser.add_argument("--tls", nargs=2, metavar=("CERT", "KEY"))
    parser.add_argument("--implicit", action="store_true")
    parser.add_argument("--user")
    parser.add_argument("--password")
    parser.add_argument("--reject", action="append", default=[])
    parser.add_argument("--drop-in-data", action="store_true")
    arguments = parser.parse_args()
    open(arguments.log, "a", encoding="utf-8").close()

    context = None
    if arguments.tls:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(*arguments.tls)

    def authenticate(server, session, envelope, mechanism, data):
        good = (data.login == (arguments.user or "").encode()
                and data.password == (arguments.password or "").encode())
        return AuthResult(success=good, handled=False if not good else True,
                          auth_data=arguments.user)

    class Server(Controller):
        def factory(self):
            starttls = context if not arguments.implicit else None
            return SMTP(
                self.handler, hostname="stand-in", tls_context=starttls,
                require_starttls=starttls is not None,
                authenticator=authenticate if arguments.user else None,
                auth_required=bool(arguments.user), auth_require_tls=starttls is not None)

    server = Server(Keeper(arguments), hostname="127.0.0.1", port=arguments.port,
                    ssl_context=context if arguments.implicit else None)
    server.start()
    asyncio.new_event_loop().run_forever()


if __name__ == "__main__":
    main()
