"""The one change: a city's catalogue is loaded whole, and what is not in it any more is retired."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import models as db
from django.db import transaction

from bancheng.kernel.audit import public as audit
from bancheng.kernel.catalogue import facts, models, rows, rules
from bancheng.kernel.catalogue.facts import Catalogue, Changes
from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text

audit.labels({"catalogue.loaded": Text("载入事项和单位目录", "Catalogue loaded")})


def load(catalogue: Catalogue, *, by: str, at: datetime) -> dict[str, Changes]:
    """Make the tables of the city equal to `catalogue` and return what changed, by kind of row.

    Loading the same twice changes nothing and writes no audit line. What is missing is retired, never deleted; what
    comes back is the same row again. `by` is the caller's audit name.

    Raises Refused("guide_incomplete") (R-OT-3).
    """
    for matter in catalogue.matters:
        for fault in rules.faults(matter):
            raise Refused(
                "guide_incomplete",
                f"《{matter.name}》的办事指南不能公布：{fault.says.zh}目录未作改动，请改好后重新导入。",
                en=f"The guide of {matter.name_en} cannot be published: {fault.says.en} Nothing was changed.",
                law="河南省优化营商环境条例 第二十八条",
                status=422,
            )
    region = catalogue.city.region
    with transaction.atomic():
        done = {"city": _city(catalogue.city)} | _Loading(catalogue, at).run()
        for kind, changes in done.items():
            if not changes.nothing:
                detail = {"added": changes.added, "changed": changes.changed, "retired": changes.retired}
                audit.record(
                    "catalogue.loaded",
                    who=by,
                    about=f"catalogue:{region}:{kind}",
                    at=at,
                    region=region,
                    detail={key: list(codes) for key, codes in detail.items() if codes},
                )
    return done


def _city(city: facts.City) -> Changes:
    wanted = rows.city(city)
    stored = models.City.objects.select_for_update().filter(region=city.region).first()
    if stored and rows.city(rows.city_of(stored)) == wanted:
        return Changes(unchanged=1)
    models.City.objects.update_or_create(region=city.region, defaults=wanted)
    return Changes(changed=(city.region,)) if stored else Changes(added=(city.region,))


class _Loading:
    """One load: kinds in the order in which they lean on each other."""

    def __init__(self, catalogue: Catalogue, at: datetime) -> None:
        self.new, self.at, self.region = catalogue, at, catalogue.city.region

    def run(self) -> dict[str, Changes]:
        new = self.new
        done = {
            "domains": self.sync(
                models.Domain,
                {
                    one.code: {"name": one.name, "name_en": one.name_en, "position": position}
                    for position, one in enumerate(new.domains)
                },
            ),
            "areas": self.sync(models.Area, {one.code: rows.area(one) for one in new.areas}),
            "licence_types": self.sync(
                models.LicenceType, {one.code: {"name": one.name, "name_en": one.name_en} for one in new.licence_types}
            ),
            "units": self.units(),
        }
        self.unit_ids = self.ids(models.Unit)
        done["outlets"] = self.sync(
            models.Outlet, {one.code: rows.outlet(one, unit_id=self.unit_ids[one.unit]) for one in new.outlets}
        )
        done["matters"] = self.matters()
        return done

    def units(self) -> Changes:
        changes = self.sync(models.Unit, {one.code: rows.unit(one) for one in self.new.units})
        units, areas = self.ids(models.Unit), self.ids(models.Area)
        wanted: dict[tuple[int, int], rows.Columns] = {
            (units[unit.code], areas[code]): {} for unit in self.new.units for code in unit.areas
        }
        moved = self.links(
            models.UnitArea, ("unit_id", "area_id"), wanted, {units[unit.code] for unit in self.new.units}
        )
        return self.also(changes, moved, units)

    def matters(self) -> Changes:
        units = {one.code: one for one in self.new.units}
        licences = {one.code: one for one in self.new.licence_types}
        wanted = {
            one.code: rows.matter(
                one,
                unit_id=self.unit_ids[one.unit],
                unit_name=units[one.unit].name,
                licence=licences.get(one.licence_type),
            )
            for one in self.new.matters
        }
        changes = self.sync(models.Matter, wanted)
        matters, outlets = self.ids(models.Matter), self.ids(models.Outlet)
        places = {
            (matters[one.code], outlets[code]): {"position": position}
            for one in self.new.matters
            for position, code in enumerate(one.outlets)
        }
        moved = self.links(models.MatterOutlet, ("matter_id", "outlet_id"), places, {matters[code] for code in wanted})
        return self.also(changes, moved, matters)

    def ids(self, model: Any) -> dict[str, int]:
        return dict(model.objects.filter(region=self.region).values_list("code", "pk"))

    def sync(self, model: Any, wanted: Mapping[str, rows.Columns]) -> Changes:
        """Make the rows of `model` in this region equal to `wanted` and return what changed."""
        stored = {row.code: row for row in model.objects.select_for_update().filter(region=self.region)}
        added = [code for code in wanted if code not in stored]
        changed = [
            code
            for code, columns in wanted.items()
            if code in stored and (stored[code].retired_at or _differs(stored[code], columns))
        ]
        retired = [code for code, row in stored.items() if code not in wanted and row.retired_at is None]
        model.objects.bulk_create(
            [model(region=self.region, code=code, **wanted[code]) for code in added], batch_size=1000
        )
        for code in changed:
            for column, value in wanted[code].items():
                setattr(stored[code], column, value)
            stored[code].retired_at = None
        for code in retired:
            stored[code].retired_at = self.at
        if touched := [stored[code] for code in (*changed, *retired)]:
            names = [field.name for field in model._meta.concrete_fields if field.name not in {"id", "region", "code"}]
            model.objects.bulk_update(touched, names, batch_size=500)
        unchanged = len(stored) - len(changed) - len(retired)
        return Changes(tuple(sorted(added)), tuple(sorted(changed)), tuple(sorted(retired)), unchanged)

    def links(
        self, model: Any, ends: tuple[str, str], wanted: Mapping[tuple[int, int], rows.Columns], of: set[int]
    ) -> set[int]:
        """Make the links that start in `of` equal to `wanted` and return the starts of those that moved.

        A retired row keeps its links: what names it still reads it whole.
        """
        kept = model.objects.filter(region=self.region, **{f"{ends[0]}__in": of})
        stored = {tuple(getattr(row, end) for end in ends): row for row in kept}
        gone = [key for key, row in stored.items() if key not in wanted or _differs(row, wanted[key])]
        model.objects.filter(pk__in=[stored[key].pk for key in gone]).delete()
        new = [key for key in wanted if key not in stored or key in gone]
        model.objects.bulk_create(
            [model(region=self.region, **dict(zip(ends, key, strict=True)), **wanted[key]) for key in new]
        )
        return {int(key[0]) for key in (*gone, *new)}

    @staticmethod
    def also(changes: Changes, moved: Iterable[int], ids: Mapping[str, int]) -> Changes:
        """Return `changes` with the rows added whose links alone moved."""
        counted = {*changes.added, *changes.changed, *changes.retired}
        codes = {pk: code for code, pk in ids.items()}
        more = {codes[pk] for pk in moved} - counted
        return Changes(
            changes.added, tuple(sorted({*changes.changed, *more})), changes.retired, changes.unchanged - len(more)
        )


def _differs(row: db.Model, columns: rows.Columns) -> bool:
    return any(getattr(row, column) != value for column, value in columns.items())
