"""`make eval`: how well mails are understood and questions answered, on every set at hand."""

from tests.evaluation import mails

if __name__ == "__main__":
    for name, folder in mails.sets().items():
        mails.report(name, folder)
