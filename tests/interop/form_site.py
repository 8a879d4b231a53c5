"""Tells what a form has, as werkzeug reads it: form_site.py PORT"""

import hashlib
import json
import sys

from werkzeug.serving import run_simple
from werkzeug.wrappers import Request, Response


@Request.application
def tell(request):
    parts = [{'name': name, 'value': value} for name, value in request.form.items(multi=True)]
    for name, file in request.files.items(multi=True):
        content = file.read()
        parts.append({'name': name, 'filename': file.filename, 'type': file.mimetype, 'size': len(content),
                      'digest': hashlib.sha256(content).hexdigest(), 'headers': list(file.headers)})
    return Response(json.dumps(parts), content_type='application/json')


run_simple('127.0.0.1', int(sys.argv[1]), tell, threaded=True)
