"""Compare a spec.json with what the command `spec` printed: `same_spec.py <spec.json> <output>`."""

import json
import sys
from pathlib import Path

DECLARED, SAID = (Path(argument).read_text("utf-8") for argument in sys.argv[1:3])

specs = [message["spec"] for message in map(json.loads, SAID.splitlines()) if message["type"] == "SPEC"]
declared = json.loads(DECLARED)
if len(specs) != 1 or any(specs[0].get(key) != value for key, value in declared.items()):
    sys.exit(f"`spec` printed {len(specs)} SPEC messages, or another spec than spec.json.")
