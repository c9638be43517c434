"""The conductor of runs, and the public `Firewall`.

Its one rule: nothing here decides; the monitor does, and the conductor only brings the parts together.
"""

from ringfence.session.conductor import PlannedRun, Watcher
from ringfence.session.firewall import Firewall
from ringfence.session.forecast import Forecast, ForecastCall
from ringfence.session.result import Result

__all__ = ["Firewall", "Forecast", "ForecastCall", "PlannedRun", "Result", "Watcher"]
