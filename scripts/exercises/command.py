"""What exercise.py does."""

import random
from concurrent.futures import ThreadPoolExecutor

from exercises.checks import CHECKS, verdict
from exercises.originals import LANGUAGES, is_changed, paths, shown
from exercises.student import Student, say
from stage import ready, source
from stage.words import fill, parser, words


def show(text, indent=''):
    print(fill(text, subsequent_indent=indent, break_on_hyphens=False))


def problem(name, languages):
    """A sentence if a check cannot run at all."""
    files = paths(name, *languages)
    missing = [source.missing(path, shown([path])) for path in files]
    if any(missing):
        return next(filter(None, missing))
    if len(languages) > 1 and not any(is_changed(name, one) for one in languages):
        return say('none changed', files=shown(files))
    return ready.loopback()


def main(description):
    """Returns the exit status."""
    options = parser(description)
    exercise = words()('options', 'exercise')  # what an error calls it
    options.add_argument(exercise, type=str.lower, choices=CHECKS)
    options.add_argument('language', type=str.lower, choices=LANGUAGES, nargs='?')
    options.add_argument('--seed', type=int, help=words()('options', 'seed'))
    given = options.parse_args()
    name = getattr(given, exercise)
    languages = [given.language] if given.language else LANGUAGES
    sentence = problem(name, languages)
    if sentence:
        show(sentence)
        return 1
    seed = random.randrange(10000) if given.seed is None else given.seed
    students = [
        Student(language, seed)
        for language in languages
        if given.language or is_changed(name, language)
    ]
    pool = ThreadPoolExecutor()
    try:
        verdicts = list(pool.map(lambda one: verdict(name, one), students))
    except KeyboardInterrupt:
        for student in students:
            student.end = 0  # its check is over
        return 130
    for student, text in zip(students, verdicts):
        show(f'{student.language:7} {text}', ' ' * 8)
    return int(set(verdicts) != {say('solved')})
