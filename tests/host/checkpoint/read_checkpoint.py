"""Prints what h5py reads of a checkpoint, after it has checked the digest: read_checkpoint.py FILE."""

import hashlib
import sys

import h5py


def text(value):
    return "" if isinstance(value, h5py.Empty) else value.decode()


def print_instance(name, instance):
    values = instance.attrs
    print("instance", name, "step", values["step"], "events", values["synaptic_events"], "recording",
          values["recording_bytes"], "digest", values["spike_digest"][:16], "spikes", instance["spikes"][:].tolist())
    watch = instance["watchdog"]
    print("watchdog", *(f"{name} {watch.attrs[name]}" for name in sorted(watch.attrs)))
    print("watchdog", *(f"{name} {watch[name][:].tolist()} {watch[name].dtype}" for name in sorted(watch) if name != "frozen"))
    frozen = watch["frozen"]
    print("frozen", frozen.attrs["since"], *(f"{name} {values[:].tolist()} {values.dtype}" for name, values in sorted(frozen.items())))
    offsets, ids = instance["under_way/offsets"], instance["under_way/ids"]
    print("under way", offsets[:].tolist(), offsets.dtype, ids[:].tolist(), ids.dtype)
    for population in instance["populations"].values():
        refractory = population["refractory_steps"]
        print(repr(population.attrs["name"]), refractory[:].tolist(), refractory.dtype)
        for variable in population["variables"].values():
            bits = variable[:].view("uint32")
            print(" ", variable.attrs["name"], variable.dtype, *(f"{value:08x}" for value in bits))
    for plastic in instance["plastic"].values():
        print("plastic", repr(plastic.attrs["projection"]),
              *(f"{name} {values[:].tolist()} {values.dtype}" for name, values in sorted(plastic.items())))
    for region in instance["regions"].values():
        print("region", repr(region.attrs["region"]),
              *(f"{name} {values[:].tolist()} {values.dtype}" for name, values in sorted(region.items())))
    for group in ("presented", "protocol"):
        print(group, *(f"{name} {values[:].tolist()} {values.dtype}" for name, values in sorted(instance[group].items())))


data = open(sys.argv[1], "rb").read()
assert int.from_bytes(data[24:32], "little") == len(data)
assert hashlib.sha256(data[:32] + bytes(32) + data[64:]).digest() == data[32:64]
print("digest right")
with h5py.File(sys.argv[1], "r") as file:
    run = file.attrs
    print("run", run["program_version"], run["precision"], run["dt"], run["warm_up_steps"], run["steps"], run["wall_s"])
    print("config", text(file["config_path"][()]), repr(text(file["config"][()])))
    for name in ("overrides", "injections"):
        print(name, [text(entry[()]) for entry in file[name].values()])
    print("digests", run["config_digest"], run["connectivity_digest"])
    print("populations", [(population.attrs["name"], int(population.attrs["size"])) for population in file["populations"].values()])
    for grid in file["grids"].values():
        values = grid.attrs
        print("grid", repr(values["population"]), values["receptor"], values["exponent"], values["accumulator_bits"])
    for name, instance in file["instances"].items():
        print_instance(name, instance)
