"""The conductor of runs, and the public `Firewall`.

Its one rule: nothing here decides; the monitor does, and the conductor only brings the parts together.
"""

from ringfence.session.firewall import Firewall
from ringfence.session.forecast import Forecast, ForecastCall
from ringfence.session.result import Result
from ringfence.session.setup import PlannedRun
from ringfence.session.watched import Watcher

__all__ = ["Firewall", "Forecast", "ForecastCall", "PlannedRun", "Result", "Watcher"]
