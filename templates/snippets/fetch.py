import hashlib, json, os, pathlib, urllib.request

def get(url):
    headers = {"Authorization": "Bearer " + os.environ["REGISTRY_TOKEN"]}
    return urllib.request.urlopen(urllib.request.Request(url, headers=headers))

answer = json.load(get("{{ api }}models/{{ name }}/{% if pinned %}versions/{{ version }}{% else %}production{% endif %}/"))
for artifact in answer["artifacts"]:
    content = get(artifact["url"]).read()
    assert hashlib.sha256(content).hexdigest() == artifact["sha256"]
    target = pathlib.Path("{{ name }}", artifact["path"])
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)
