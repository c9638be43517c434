"""An attacker that learns: it changes what it may write until something that must not happen happens, or time is up."""
