"""Reads permutation files as anybody would, rebuilds each mask from the orders and |W| with NumPy,
and compares bit for bit. Usage: check_permutations.py FILE WEIGHTS.h5"""
import json
import sys

import h5py
import numpy as np


def rebuild(order, index, saliency, vector_size, n, m):
    """The N largest of every group stay, ties to the lower original column."""
    mask = np.zeros(saliency.shape, bool)
    for tile, columns in enumerate(index):
        rows = order[tile * vector_size:(tile + 1) * vector_size]
        for group in columns.reshape(-1, m):
            group = np.sort(group)
            best = np.argsort(-saliency[np.ix_(rows, group)], axis=1, kind="stable")[:, :n]
            for row, places in zip(rows, best):
                mask[row, group[places]] = True
    return mask


def check_packed(attributes, sets, masked):
    """The masked weight rebuilt from the packed layer: two bits a value, the lowest first."""
    values, words = sets["packed.values"], sets["packed.metadata"]
    rows, kept = masked.shape[0], attributes["kept"]
    assert values.dtype == masked.dtype and values.shape == (rows, kept // 2)
    assert words.dtype == np.uint16 and words.shape == (rows, (kept // 2 + 7) // 8)
    places = (words[:, :, None] >> np.arange(0, 16, 2)) & 3
    places = places.reshape(rows, -1)[:, :kept // 2].astype(int)
    slots = places + np.arange(kept // 2) // 2 * 4
    rebuilt = np.zeros_like(masked)
    for row, (one, slot) in enumerate(zip(values, slots)):
        columns = sets["vector_index"][row // attributes["V"]][slot]
        rebuilt[sets["output_order"][row], columns] = one
    assert np.array_equal(rebuilt, masked)


def check_layer(attributes, sets, weights):
    weight = weights[attributes["tensor"].replace("/", ".")]
    rows, cols = attributes["shape"]
    assert weight.shape == (rows, cols)
    assert sets["output_order"].dtype == np.int32 and sets["vector_index"].dtype == np.int32
    assert sets["output_order"].shape == (rows,)
    assert sets["vector_index"].shape == (rows // attributes["V"], attributes["kept"])
    assert sets["mask"].dtype == np.uint8 and sets["mask"].shape == (rows, (cols + 7) // 8)
    stored = np.unpackbits(sets["mask"], axis=1, count=cols, bitorder="little").astype(bool)
    saliency = np.abs(weight)
    mask = rebuild(sets["output_order"], sets["vector_index"], saliency, attributes["V"],
                   attributes["N"], attributes["M"])
    assert np.array_equal(mask, stored), attributes["tensor"]
    if "weight" in sets:
        assert sets["weight"].dtype == weight.dtype
        assert np.array_equal(sets["weight"], np.where(mask, weight, 0))
    if "packed.values" in sets:
        check_packed(attributes, sets, np.where(mask, weight, 0))
    retained = saliency[mask].sum(dtype=float) / saliency.sum(dtype=float)
    assert abs(retained - attributes["retained_saliency"]) < 1e-12
    lost = attributes["lost_with_vectors"] + attributes["lost_by_nm"]
    assert abs(1 - retained - lost) < 1e-9
    assert isinstance(attributes["strategy"], str) and attributes["mask_rule"] == "top_n"
    assert isinstance(json.loads(attributes["parameters"]), dict)
    assert int(attributes["seed"]) > 2**63 and len(attributes["source_sha256"]) == 64
    for name in ("view", "sparsity", "requested_sparsity", "saliency", "source_file",
                 "program_version", "identity_retained_saliency", "row_bound",
                 "unstructured_bound"):
        assert name in attributes, name


def layers_of(path):
    if path.endswith(".h5"):
        with h5py.File(path) as file:
            assert file.attrs["gyroscope_format"] == 1
            for group in file["layers"].values():
                sets = {}
                group.visititems(lambda name, data: sets.update(
                    {name.replace("/", "."): data[()]} if isinstance(data, h5py.Dataset) else {}))
                yield dict(group.attrs), sets
        return
    from safetensors import safe_open
    with safe_open(path, "np") as file:
        metadata = file.metadata()
        assert metadata.pop("gyroscope_format") == "1"
        for key, text in metadata.items():
            names = [name for name in file.keys() if name.startswith(key + ".")]
            yield json.loads(text), {n[len(key) + 1:]: file.get_tensor(n) for n in names}


def main():
    with h5py.File(sys.argv[2]) as file:
        weights = {name: data[()] for name, data in file.items()}
    count = 0
    for attributes, sets in layers_of(sys.argv[1]):
        check_layer(attributes, sets, weights)
        count += 1
    assert count == len(weights)
    print(f"{count} layers agree")


main()
