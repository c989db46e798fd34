"""A device that is not the CPU, made of the CPU: for tests on machines without a GPU.

`with pretended():` any tensor that is sent to ELSEWHERE is wrapped. Its operations are those of the CPU on
what is inside, so numbers can be compared. An operation on tensors of both places raises, as on a GPU.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_flatten, tree_map

ELSEWHERE = torch.device("meta")  # the name that PyTorch lets stand without a machine behind it
MAY_MIX = ("_to_copy", "copy_")


class Elsewhere(torch.Tensor):
    """A tensor of the CPU that says it lies on ELSEWHERE."""

    inside: Tensor

    @staticmethod
    def __new__(cls, inside: Tensor) -> Elsewhere:
        made: Elsewhere = torch.Tensor._make_wrapper_subclass(
            cls, inside.size(), strides=inside.stride(), storage_offset=inside.storage_offset(),
            dtype=inside.dtype, device=ELSEWHERE,
        )  # fmt: skip
        made.inside = inside
        return made

    @classmethod
    def __torch_function__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        with torch._C.DisableTorchFunctionSubclass():
            if func in (Tensor.matmul, Tensor.__matmul__) and args[0].dim() == 1:
                # PyTorch's own changes the shape of a tensor in place, which a wrapper cannot.
                return (args[0].unsqueeze(0) @ args[1]).squeeze(0)
            return func(*args, **(kwargs or {}))

    @classmethod
    def __torch_dispatch__(  # type: ignore[override]
        cls, func: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        return _computed(func, args, dict(kwargs or {}))


class _Pretended(TorchDispatchMode):  # type: ignore[no-untyped-call]
    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return _computed(func, args, dict(kwargs or {}))


def _computed(func: Any, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
    """What `func` gives on the CPU, wrapped where it belongs elsewhere."""
    tensors = [leaf for leaf in tree_flatten((args, kwargs))[0] if isinstance(leaf, Tensor)]
    here = [t for t in tensors if not isinstance(t, Elsewhere)]
    name = func.overloadpacket.__name__
    if len(here) < len(tensors) and name not in MAY_MIX and any(t.dim() > 0 for t in here):
        raise RuntimeError(f"{name}: tensors of both devices, of shapes {[tuple(t.shape) for t in tensors]}")
    where = len(here) < len(tensors) if kwargs.get("device") is None else kwargs["device"] == ELSEWHERE
    if name == "copy_":
        where = isinstance(args[0], Elsewhere)
    if kwargs.get("device") is not None:
        kwargs["device"] = torch.device("cpu")
    found = func(*tree_map(_opened, args), **tree_map(_opened, kwargs))
    if name.endswith("_") and args and isinstance(args[0], Tensor):  # in place
        return args[0]
    wrap: Callable[[Any], Any] = lambda x: Elsewhere(x) if isinstance(x, Tensor) else x  # noqa: E731
    return tree_map(wrap, found) if where else found


def _opened(x: Any) -> Any:
    return x.inside if isinstance(x, Elsewhere) else x


@contextmanager
def pretended() -> Iterator[torch.device]:
    """Whatever is sent to the device that this gives lies elsewhere."""
    with _Pretended():  # type: ignore[no-untyped-call]
        yield ELSEWHERE
