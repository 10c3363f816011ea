#!/usr/bin/env python3
"""Checks an OSS server with Alibaba's own Python SDK. Prints one line per check, then their sum.

Arguments: endpoint, region, bucket, key id, key secret, signature version (1 or 4).
"""
import datetime
import io
import sys
import urllib.request

import oss2
from oss2.models import PartInfo

endpoint, region, bucket_name, key_id, key_secret, version = sys.argv[1:]
if version == '4':
    auth = oss2.ProviderAuthV4(oss2.credentials.StaticCredentialsProvider(key_id, key_secret))
    bucket = oss2.Bucket(auth, endpoint, bucket_name, region=region, is_path_style=True)
else:
    auth = oss2.Auth(key_id, key_secret)
    bucket = oss2.Bucket(auth, endpoint, bucket_name, is_path_style=True)

checks = []


def check(function):
    checks.append(function)
    return function


def fails(code, status, function):
    try:
        function()
    except oss2.exceptions.OssError as error:
        assert (error.status, error.code) == (status, code), (error.status, error.code)
    else:
        raise AssertionError(f'{code} was expected')


def recent(seconds):
    now = datetime.datetime.now(datetime.timezone.utc).timestamp()
    assert isinstance(seconds, int) and abs(now - seconds) < 120, seconds


@check
def puts_and_gets_an_object():
    put = bucket.put_object('judge/plain', b'whole content')
    assert put.status == 200 and put.etag
    got = bucket.get_object('judge/plain')
    assert got.read() == b'whole content'
    assert got.etag == put.etag
    recent(got.last_modified)


@check
def verifies_the_checksum_of_what_it_got():
    got = bucket.get_object('judge/plain')
    got.read()
    assert got.client_crc == got.server_crc


@check
def heads_an_object():
    head = bucket.head_object('judge/plain')
    assert head.content_length == 13
    recent(head.last_modified)


@check
def gets_the_metadata_of_an_object():
    assert bucket.get_object_meta('judge/plain').content_length == 13


@check
def gets_a_range():
    got = bucket.get_object('judge/plain', byte_range=(6, 8))
    assert (got.status, got.read()) == (206, b'con')


@check
def gets_the_last_bytes():
    assert bucket.get_object('judge/plain', byte_range=(None, 7)).read() == b'content'


@check
def keeps_user_metadata_and_content_type():
    bucket.put_object('judge/typed', b'{}', headers={'Content-Type': 'application/json', 'x-oss-meta-colour': 'blue'})
    head = bucket.head_object('judge/typed')
    assert (head.content_type, head.headers['x-oss-meta-colour']) == ('application/json', 'blue')


@check
def puts_an_object_of_no_bytes():
    bucket.put_object('judge/empty', b'')
    assert bucket.get_object('judge/empty').read() == b''


@check
def puts_from_a_stream():
    bucket.put_object('judge/stream', io.BytesIO(b'x' * 300_000))
    assert bucket.head_object('judge/stream').content_length == 300_000


@check
def takes_keys_beyond_ascii():
    bucket.put_object('judge/⚓ 船+%', b'anchor')
    assert bucket.get_object('judge/⚓ 船+%').read() == b'anchor'


@check
def tells_what_exists():
    assert bucket.object_exists('judge/plain')
    assert not bucket.object_exists('judge/never')


@check
def says_no_such_key():
    fails('NoSuchKey', 404, lambda: bucket.get_object('judge/never'))


@check
def says_no_such_bucket():
    path_style = {'is_path_style': True}
    if version == '4':
        path_style['region'] = region
    other = oss2.Bucket(auth, endpoint, 'longshore-absent', **path_style)
    fails('NoSuchBucket', 404, lambda: other.get_object('judge/plain'))


@check
def says_signature_does_not_match():
    if version == '4':
        forged = oss2.ProviderAuthV4(oss2.credentials.StaticCredentialsProvider(key_id, 'wrong'))
        other = oss2.Bucket(forged, endpoint, bucket_name, region=region, is_path_style=True)
    else:
        other = oss2.Bucket(oss2.Auth(key_id, 'wrong'), endpoint, bucket_name, is_path_style=True)
    fails('SignatureDoesNotMatch', 403, lambda: other.get_object('judge/plain'))


@check
def lists_objects():
    page = bucket.list_objects(prefix='judge/')
    assert 'judge/plain' in [item.key for item in page.object_list]
    recent(page.object_list[0].last_modified)


@check
def lists_objects_by_version_two():
    page = bucket.list_objects_v2(prefix='judge/')
    assert 'judge/plain' in [item.key for item in page.object_list]
    recent(page.object_list[0].last_modified)


@check
def lists_in_pages():
    keys = [item.key for item in oss2.ObjectIterator(bucket, prefix='judge/', max_keys=2)]
    assert keys == sorted(keys) and len(keys) >= 5


@check
def lists_folders():
    bucket.put_object('judge/folder/inner', b'1')
    page = bucket.list_objects(prefix='judge/', delimiter='/')
    assert page.prefix_list == ['judge/folder/']


@check
def copies_an_object():
    copied = bucket.copy_object(bucket_name, 'judge/plain', 'judge/copy')
    assert copied.etag
    assert bucket.get_object('judge/copy').read() == b'whole content'


@check
def uploads_in_parts():
    upload = bucket.init_multipart_upload('judge/parts').upload_id
    sizes = [102_400, 1000]
    parts = []
    for number, size in enumerate(sizes, 1):
        part = bucket.upload_part('judge/parts', upload, number, b'p' * size)
        parts.append(PartInfo(number, part.etag, size=size, part_crc=part.crc))
    bucket.complete_multipart_upload('judge/parts', upload, parts)
    assert bucket.head_object('judge/parts').content_length == sum(sizes)


@check
def lists_parts():
    upload = bucket.init_multipart_upload('judge/listed').upload_id
    bucket.upload_part('judge/listed', upload, 1, b'p' * 102_400)
    (part,) = bucket.list_parts('judge/listed', upload).parts
    assert (part.part_number, part.size) == (1, 102_400)
    recent(part.last_modified)
    bucket.abort_multipart_upload('judge/listed', upload)


@check
def lists_and_aborts_uploads():
    upload = bucket.init_multipart_upload('judge/open').upload_id
    (found,) = bucket.list_multipart_uploads(prefix='judge/open').upload_list
    assert (found.key, found.upload_id) == ('judge/open', upload)
    recent(found.initiation_date)
    bucket.abort_multipart_upload('judge/open', upload)
    assert bucket.list_multipart_uploads(prefix='judge/open').upload_list == []


@check
def copies_a_part():
    upload = bucket.init_multipart_upload('judge/copied').upload_id
    part = bucket.upload_part_copy(bucket_name, 'judge/stream', (0, 199_999), 'judge/copied', upload, 1)
    bucket.complete_multipart_upload('judge/copied', upload, [PartInfo(1, part.etag)])
    assert bucket.head_object('judge/copied').content_length == 200_000


@check
def signs_a_url():
    url = bucket.sign_url('GET', 'judge/plain', 60, slash_safe=True)
    assert urllib.request.urlopen(url).read() == b'whole content'


@check
def deletes_an_object_and_one_that_is_not_there():
    assert bucket.delete_object('judge/copy').status == 204
    assert bucket.delete_object('judge/never').status == 204


@check
def deletes_a_batch():
    keys = [item.key for item in oss2.ObjectIterator(bucket, prefix='judge/')]
    assert sorted(bucket.batch_delete_objects(keys).deleted_keys) == sorted(keys)
    assert list(oss2.ObjectIterator(bucket, prefix='judge/')) == []


failed = 0
for function in checks:
    name = function.__name__.replace('_', ' ')
    try:
        function()
        print(f'ok {name}', flush=True)
    except Exception as error:
        failed += 1
        print(f'not ok {name}: {error!r}', flush=True)
print(f'{len(checks) - failed} passed, {failed} failed')
