"""What ``manage.py serve`` and ``demo`` say of options that cannot be."""

import pytest
from django.core.management import CommandError, call_command


@pytest.mark.parametrize("command", ["serve", "demo"])
@pytest.mark.parametrize("port", [-1, 0, 65_536, 99_999])
def test_a_port_that_does_not_exist_is_told(command: str, port: int) -> None:
    with pytest.raises(CommandError, match=f"端口应为1到65535，不能是 {port}"):
        call_command(command, port=port)


@pytest.mark.parametrize("workers", [0, -3])
def test_a_hub_without_web_processes_is_refused(workers: int) -> None:
    with pytest.raises(CommandError, match="至少为1"):
        call_command("serve", port=8247, workers=workers)
