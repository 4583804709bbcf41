"""The model gateway: runs ask here for model answers, and nothing else of the hub holds a key."""

from main_api.gateway.gateway import Gateway
from main_api.gateway.routes import Calls, calls, is_call, router

__all__ = ["Calls", "Gateway", "calls", "is_call", "router"]
