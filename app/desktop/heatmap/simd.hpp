#pragma once

/// Put before a plain loop over a row: on x86-64 it is also compiled for AVX2 and the machine
/// chooses when the program starts. Not with sanitizers, which start later than that choice.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define GYRO_ALSO_AVX2 __attribute__((target_clones("avx2", "default"), flatten))
#else
#define GYRO_ALSO_AVX2
#endif
