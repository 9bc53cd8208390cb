"""Every request passes here on its way to an endpoint: who asks, may they; and errors are put into words."""

from __future__ import annotations

from plugsky_tui.simulator.dialects import error_response, own_headers
from plugsky_tui.simulator.errors import ApiError, ConnectionCut
from plugsky_tui.simulator.http import HttpRequest, HttpResponse
from plugsky_tui.simulator.routing import Call, Router
from plugsky_tui.simulator.service import Service


class Reception:
    def __init__(self, service: Service, router: Router) -> None:
        self._service = service
        self._router = router

    async def answer(self, request: HttpRequest) -> HttpResponse:
        """The answer to `request`, an error too. ConnectionCut where there is to be none."""
        try:
            response = await self._served(request)
        except ApiError as error:
            return self.refuse(request, error)
        except ConnectionCut:
            raise
        except Exception as error:  # a fault of ours must reach the user as the API's 500, not as a dead line
            said = f"The simulator failed: {type(error).__name__}: {error}"
            return self.refuse(request, ApiError(500, said, code="internal_error"))
        response.headers |= own_headers(self._router.dialect(request.path), request.request_id)
        return response

    def refuse(self, request: HttpRequest, error: ApiError) -> HttpResponse:
        """`error` in the dialect of the path that was asked for."""
        return error_response(error, self._router.dialect(request.path), request.request_id)

    async def _served(self, request: HttpRequest) -> HttpResponse:
        route, names = self._router.find(request.method, request.path)
        caller = self._service.keys.identify(request.headers)
        caller.may(route.scope)
        return await route.handler(Call(self._service, request, caller, names))
