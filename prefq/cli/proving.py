"""The command `prefq prove`: what curation is worth."""

from pathlib import Path

import click

from prefq.cli.console import Console

EXAMPLE = "\b\nExample:\n  prefq prove --workdir work --set curate.policy.likely_mislabelled=drop"


@click.command("prove", short_help="What curation is worth to a reward model, with a control.", epilog=EXAMPLE)
@click.option(
    "--against", multiple=True, metavar="FILE", help="Also test on this file, in any format. May be repeated."
)
@click.option("--workdir", type=click.Path(file_okay=False, path_type=Path), default=Path(), help="Where data/ is.")
@click.option("--set", "overrides", multiple=True, metavar="KEY=VALUE", help="Override a setting. May be repeated.")
@click.option("--seeds", type=click.IntRange(5, 100), default=5, show_default=True, help="Random subsets and draws.")
@click.option(
    "--pairs", "most", type=click.IntRange(min=500), default=10_000, show_default=True, help="Use at most so many."
)
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
@click.pass_obj
def prove(
    console: Console,
    against: tuple[str, ...],
    workdir: Path,
    overrides: tuple[str, ...],
    seeds: int,
    most: int,
    as_json: bool,
) -> None:
    """What curation is worth to a reward model.

    Trains the same reward models on raw pairs, on curated ones and on random subsets of the same size, and tests them
    on pairs held out by prompt group and on each FILE. The policy is that of the settings, applied anew within each
    training set. Beside it stands what dropping or flipping suspected labels does, and the control: the same on labels
    drawn so that none is wrong, where a gain is distillation or regularisation. Where no gain is shown, it says so.
    """
    from prefq.cli.proofs import tell_proof

    tell_proof(workdir, against, overrides, (seeds, most), as_json, console)
