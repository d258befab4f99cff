"""FastMCP over stdio for one document. Arguments: the document, the base URL. At most 4 GB of address space."""
import json
import resource
import sys

import httpx2
import yaml
from fastmcp import FastMCP

LIMIT = 4 * 1024**3
resource.setrlimit(resource.RLIMIT_AS, (LIMIT, LIMIT))
with open(sys.argv[1], encoding="utf-8") as file:
    text = file.read()
document = json.loads(text) if sys.argv[1].endswith(".json") else yaml.safe_load(text)
server = FastMCP.from_openapi(document, client=httpx2.AsyncClient(base_url=sys.argv[2]), validate_output=False)
server.run(transport="stdio", show_banner=False)
