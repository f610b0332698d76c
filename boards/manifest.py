"""Freeze hssmtp into a firmware; with alert=True the alert application too.

package.json lists the library's files. `make package` writes it.
"""

import json

options.defaults(alert=False)

with open("../package.json") as file:
    names = [target.split("/", 1)[1] for target, _ in json.load(file)["urls"]]
package("hssmtp", files=names, base_path="../lib")
if options.alert:
    package("alert", base_path="../firmware")
