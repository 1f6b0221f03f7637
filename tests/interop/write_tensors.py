"""Writes the same tensor in every way that h5py, NumPy and safetensors know, and a permutation file
by h5py. Usage: write_tensors.py FOLDER"""
import json
import sys

import h5py
import numpy as np

folder = sys.argv[1]
# value(i) = (7919·i mod 2048 − 1024) / 64: exact in every floating type.
values = ((np.arange(24 * 40) * 7919 % 2048 - 1024) / 64).reshape(24, 40)
types = ["<f2", "<f4", "<f8", ">f4"]

with h5py.File(folder + "/tensors.h5", "w") as file:
    for dtype in types + [">f2", ">f8"]:
        name = "little" if dtype[0] == "<" else "big"
        file.create_dataset(f"a/{name}/{dtype[1:]}", data=values.astype(dtype))
    file.create_dataset("b/chunked", data=values.astype("<f2"), chunks=(7, 9), compression="gzip",
                        shuffle=True, fletcher32=True)
    file.create_dataset("b/fixed", data=values.astype("<f4"), chunks=(24, 8))
    file["b/alias"] = h5py.SoftLink("/b/fixed")
    file.attrs["text"] = "Größe"
    file.attrs["bytes"] = np.bytes_("fixed length")
    file["b"].attrs["real"] = 0.1
    file["b"].attrs["integer"] = np.uint64(2**64 - 1)
    file["b/chunked"].attrs["array"] = [1, 2, 3]
for dtype in types:
    name = dtype.replace("<", "l").replace(">", "b")
    np.save(f"{folder}/{name}-c.npy", values.astype(dtype))
    np.save(f"{folder}/{name}-f.npy", np.asfortranarray(values.astype(dtype)))
np.savez(folder + "/stored.npz", one=values.astype("<f2"), two=values)
np.savez_compressed(folder + "/deflated.npz", one=values.astype("<f2"), two=values)
try:
    from safetensors.numpy import save_file
    save_file({"half": values.astype("<f2"), "single": values.astype("<f4"), "double": values},
              folder + "/tensors.safetensors", metadata={"by": "safetensors"})
except ImportError:
    print("no safetensors")

# 24 rows in tiles of 4, every one keeping 8 of 40 columns, 2:4.
rng = np.random.default_rng(5)
order = rng.permutation(24).astype(np.int32)
index = np.stack([rng.permutation(40)[:8] for _ in range(6)]).astype(np.int32)
mask = np.zeros((24, 40), bool)
for tile in range(6):
    for row in order[4 * tile:4 * tile + 4]:
        for group in index[tile].reshape(-1, 4):
            mask[row, sorted(group, key=lambda c: (-abs(values[row, c]), c))[:2]] = True
attributes = dict(tensor="a/little/f8", view="out×in", V=4, N=2, M=4, kept=8,
                  sparsity="0.9", requested_sparsity="0.9", saliency="magnitude",
                  mask_rule="top_n", strategy="by hand", parameters=json.dumps({}), seed=3,
                  retained_saliency=float(abs(values)[mask].sum() / abs(values).sum()),
                  identity_retained_saliency=0.25)
with h5py.File(folder + "/permutation.h5", "w") as file:
    file.attrs["gyroscope_format"] = 1
    layer = file.create_group("layers/a.little.f8")
    layer.attrs["shape"] = np.array([24, 40])
    for name, value in attributes.items():
        layer.attrs[name] = value
    layer["output_order"] = order
    layer["vector_index"] = index
    layer["mask"] = np.packbits(mask, axis=1, bitorder="little")
