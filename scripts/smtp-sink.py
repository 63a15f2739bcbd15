"""A mail server for tests: takes letters by STARTTLS from one user, and keeps each as a file named by its recipient.

  python3 smtp-sink.py FOLDER PORT CERT KEY USER PASSWORD

A recipient that begins with "later" is told to come back (451) until FOLDER/<recipient>.open is there; one that begins with "never" is refused (550).
"""
import asyncio
import os
import ssl
import sys

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

folder, port, cert, key, user, password = sys.argv[1:]


class Keeper:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("never"):
            return "550 5.1.1 nobody of that name"
        if address.startswith("later") and not os.path.exists(os.path.join(folder, address + ".open")):
            return "451 4.3.0 come back"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        for address in envelope.rcpt_tos:
            count = sum(1 for name in os.listdir(folder) if name.startswith(address + ".") and name.endswith(".eml"))
            draft = os.path.join(folder, f".{address}.{count}")
            with open(draft, "wb") as out:
                out.write(f"X-Tls: {session.ssl is not None}\r\n".encode() + envelope.content)
            os.replace(draft, os.path.join(folder, f"{address}.{count}.eml"))
        return "250 kept"


def authenticate(server, session, envelope, mechanism, data):
    good = isinstance(data, LoginPassword) and (data.login, data.password) == (user.encode(), password.encode())
    return AuthResult(success=good)


async def main():
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(cert, key)
    controller = Controller(
        Keeper(), hostname="127.0.0.1", port=int(port), tls_context=context, require_starttls=True,
        authenticator=authenticate, auth_required=True,
    )
    controller.start()
    with open(os.path.join(folder, "ready"), "w") as out:
        out.write("ready")
    await asyncio.Event().wait()


asyncio.run(main())
