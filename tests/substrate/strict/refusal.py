"""An answer that says no, in the words of the service.

moto wraps the errors of the query services (STS, IAM) in one element too many; the Rust SDK then finds no code in them.
"""

from xml.sax.saxutils import escape

from werkzeug.exceptions import HTTPException


class Refusal(HTTPException):
    """An answer in the words of the service, whatever moto would have said."""

    def __init__(self, status, body):
        super().__init__(description=body)
        self.code = status

    def get_body(self, *_args, **_kwargs):
        return self.description

    def get_headers(self, *_args, **_kwargs):
        return [("Content-Type", "application/xml")]


def refusal(is_s3, status, code, message):
    """S3 and the query services wrap the same two words differently."""
    words = f"<Code>{escape(code)}</Code><Message>{escape(message)}</Message>"
    if is_s3:
        return Refusal(status, f"<Error>{words}<RequestId>strict</RequestId></Error>")
    kind = "Sender" if status < 500 else "Receiver"
    error = f"<Error><Type>{kind}</Type>{words}</Error>"
    return Refusal(status, f"<ErrorResponse>{error}<RequestId>strict</RequestId></ErrorResponse>")
