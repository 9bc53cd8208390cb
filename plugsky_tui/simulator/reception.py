"""Every request passes here on its way to an endpoint.

In this order: who asks and may they, where it is to run, the limits, the faults that were asked
for, and what was answered before. What is wrong is put into the words of the path that was asked for.
"""

from __future__ import annotations

from plugsky_tui.simulator import browsers, placing
from plugsky_tui.simulator.dialects import error_response, own_headers
from plugsky_tui.simulator.errors import ApiError, ConnectionCut
from plugsky_tui.simulator.http import HttpRequest, HttpResponse
from plugsky_tui.simulator.idempotency import Idempotency
from plugsky_tui.simulator.keys import Caller
from plugsky_tui.simulator.routing import Call, Route, Router
from plugsky_tui.simulator.service import Service


class Reception:
    def __init__(self, service: Service, router: Router) -> None:
        self._service = service
        self._router = router
        self._idempotency = Idempotency()

    async def close(self) -> None:
        """End what is still being made for nobody."""
        await self._idempotency.close()

    async def answer(self, request: HttpRequest) -> HttpResponse:
        """The answer to `request`, an error too. ConnectionCut where there is to be none."""
        try:
            response = browsers.preflight(request) or await self._counted(request)
        except ApiError as error:
            return self.refuse(request, error)
        except ConnectionCut:
            raise
        except Exception as error:  # a fault of ours must reach the user as the API's 500, not as a dead line
            said = f"The simulator failed: {type(error).__name__}: {error}"
            return self.refuse(request, ApiError(500, said, code="internal_error"))
        return self._with_headers(request, response)

    def refuse(self, request: HttpRequest, error: ApiError) -> HttpResponse:
        """`error` in the dialect of the path that was asked for."""
        dialect = self._router.dialect(request.path)
        return self._with_headers(request, error_response(error, dialect, request.request_id))

    def _with_headers(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """With what every answer carries: the limits of its key, its region, who may read it, the id under the dialect's name."""
        response.headers = {
            **self._service.limits.headers(self._key(request)),
            **placing.echo(request.headers),
            **browsers.permission(request.headers),
            **own_headers(self._router.dialect(request.path), request.request_id),
            **response.headers,
        }
        return response

    def _key(self, request: HttpRequest) -> str:
        """The key whose limits apply; "" for nobody in particular, and for a key that is none."""
        try:
            return self._service.keys.identify(request.headers).key
        except ApiError:
            return ""

    async def _counted(self, request: HttpRequest) -> HttpResponse:
        """The answer, which counts as running until it has been sent."""
        route, names = self._router.find(request.method, request.path)
        caller = self._service.keys.identify(request.headers)
        caller.may(route.scope)
        placing.check(request.headers)
        limits = self._service.limits
        limits.enter(caller.key)
        try:
            response = await self._served(route, request, caller, names)
        except BaseException:
            limits.leave(caller.key)
            raise
        response.ended.append(lambda _: limits.leave(caller.key))
        return response

    async def _served(self, route: Route, request: HttpRequest, caller: Caller, names: dict[str, str]) -> HttpResponse:
        call = Call(self._service, request, caller, names)
        faults = self._service.faults_of(request.headers)
        if not faults:
            return await self._idempotency.around(caller.key, request, lambda: route.handler(call))
        from plugsky_tui.simulator import fault_effects  # only where one was asked for

        await fault_effects.before(faults)
        response = await self._idempotency.around(caller.key, request, lambda: route.handler(call))
        return fault_effects.on(response, faults, route.dialect, request.request_id)
