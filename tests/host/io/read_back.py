"""Prints what h5py reads of a spike or report file: read_back.py spikes|report FILE."""

import sys

import h5py


def text(value):
    return value.decode() if isinstance(value, bytes) else str(value)


def print_spikes(file):
    print("magic", file.attrs["magic"], "version", file.attrs["version"].tolist())
    for name, group in file["spikes"].items():
        sorting = group.attrs.get_id("sorting").dtype
        names = {value: key for key, value in h5py.check_enum_dtype(sorting).items()}
        times, ids = group["timestamps"], group["node_ids"]
        print(name, names[group.attrs["sorting"]], text(times.attrs["units"]),
              times.dtype, times[:].tolist(), ids.dtype, ids[:].tolist())


def print_report(file):
    for name, group in file["report"].items():
        data, mapping = group["data"], group["mapping"]
        print(name, text(data.attrs["variable_name"]), text(data.attrs["units"]), data.dtype, data[:].tolist())
        ids, time = mapping["node_ids"], mapping["time"]
        print("node_ids", ids.dtype, ids[:].tolist(), "sorted", ids.attrs["sorted"])
        for key in ("index_pointers", "element_ids"):
            print(key, mapping[key].dtype, mapping[key][:].tolist())
        print("time", text(time.attrs["units"]), time.dtype, time[:].tolist())


with h5py.File(sys.argv[2], "r") as opened:
    {"spikes": print_spikes, "report": print_report}[sys.argv[1]](opened)
