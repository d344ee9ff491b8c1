"""Three checksums that S3 returns and moto leaves out, or cuts. Without the first two quilt3 fails on objects of 8 MiB and more.

CompleteMultipartUpload: moto computes and stores the composite checksum, and does not return it.
UploadPartCopy: the part's checksum is missing when the upload was created with a checksum algorithm.
HeadObject: of an object in parts the checksum is given without the number of parts, as if it were of the whole.
"""

from moto.s3 import responses

_moto_key_response_post = responses.S3Response._key_response_post
_moto_upload_part_copy = responses.S3Response.upload_part_copy
_moto_head_object = responses.S3Response.head_object


def install() -> None:
    """Wraps the answers."""
    responses.S3Response._key_response_post = _key_response_post
    responses.S3Response.upload_part_copy = _upload_part_copy
    responses.S3Response.head_object = _head_object


def _key_response_post(self, request, body, bucket_name, query, key_name):
    answer = _moto_key_response_post(self, request, body, bucket_name, query, key_name)
    if not (_is_triple(answer) and query.get("uploadId") and request.method == "POST"):
        return answer
    status, headers, xml = answer[0], answer[1], _text(answer[2])
    end = "</CompleteMultipartUploadResult>"
    if end not in xml or "<Checksum" in xml:
        return answer
    key = self.backend.head_object(bucket_name, key_name)
    if key is None or not key.checksum_algorithm or not key.checksum_value:
        return answer
    value = _text(key.checksum_value)
    if key.checksum_type == "COMPOSITE":
        value = f"{value}-{key.checksum_parts}"
    tag = f"Checksum{key.checksum_algorithm.upper()}"
    added = f"<{tag}>{value}</{tag}><ChecksumType>{key.checksum_type}</ChecksumType>"
    return status, headers, xml.replace(end, added + end)


def _head_object(self, bucket_name, query, key_name, headers):
    answer = _moto_head_object(self, bucket_name, query, key_name, headers)
    if not _is_triple(answer):
        return answer
    found = [name for name in answer[1] if name.startswith("x-amz-checksum-") and name != "x-amz-checksum-type"]
    key = self.backend.head_object(bucket_name, key_name, query.get("versionId", [None])[0]) if found else None
    if key is not None and key.checksum_type == "COMPOSITE":
        for name in found:
            answer[1][name] = f"{_text(key.checksum_value)}-{key.checksum_parts}"
    return answer


def _upload_part_copy(self):
    answer = _moto_upload_part_copy(self)
    if not (_is_triple(answer) and answer[0] == 200):
        return answer
    headers, xml = answer[1], _text(answer[2])
    upload = self.backend.get_bucket(self.bucket_name).multiparts.get(self._get_param("uploadId"))
    algorithm = upload.metadata.get("x-amz-checksum-algorithm") if upload else None
    if not algorithm or "<Checksum" in xml:
        return answer
    part = upload.parts[self._get_int_param("partNumber")]
    value = responses.compute_checksum(part.value, algorithm=algorithm).decode()
    end, tag = "</CopyPartResult>", f"Checksum{algorithm}"
    xml = xml.replace(end, f"<{tag}>{value}</{tag}>{end}")
    headers["content-length"] = str(len(xml.encode()))
    return 200, headers, xml


def _is_triple(answer):
    return isinstance(answer, tuple) and len(answer) == 3


def _text(value):
    return value.decode() if isinstance(value, bytes) else value
