"""Which language is spoken, and its texts. Old versions of Python read this file too, for check.py."""

import io
import json
import locale
import os
import re
import sys

FOLDER = os.path.dirname(os.path.realpath(__file__))
LANGUAGES = 'en', 'zh-CN'


def chosen():
    """That of --lang, or that of the system; English if there are no texts in it."""
    wanted = re.findall(r'--lang[ =](\S+)', ' '.join(sys.argv))
    wanted += map(os.environ.get, ['LC_ALL', 'LC_MESSAGES', 'LANG'])
    if sys.platform == 'win32' and not any(wanted):
        import ctypes

        number = ctypes.windll.kernel32.GetUserDefaultUILanguage()
        wanted.append(locale.windows_locale.get(number))
    first = (list(filter(None, wanted)) + [''])[0][:2]
    return next((one for one in LANGUAGES if one[:2] == first), 'en')


def texts(language):
    with io.open(FOLDER + '/words/%s.json' % language, encoding='utf-8') as file:
        return json.load(file)


if __name__ == '__main__':  # for --help of a door
    about = texts(chosen())['about'].get(sys.argv[1])
    if not about:
        sys.exit(1)
    print(about)
