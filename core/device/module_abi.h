/* The C interface between Gyroscope and a loadable compute module (libgyro_*.so).
 *
 * A module exports one symbol, gyro_module, that returns a table which lives as long as the module.
 * Everything crosses as plain data in host memory. No call throws, aborts or prints; each returns
 * GYRO_OK or a failure code and then fills the gyro_failure. Matrices are row-major, dense, float.
 * A context belongs to one device; calls on one context come one at a time.
 */
#ifndef GYRO_CORE_DEVICE_MODULE_ABI_H
#define GYRO_CORE_DEVICE_MODULE_ABI_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Raised whenever a struct below or the meaning of a call changes. */
#define GYRO_MODULE_ABI 1U

#define GYRO_MODULE_SYMBOL "gyro_module"

enum gyro_status {
  GYRO_OK = 0,
  GYRO_FAIL_ARGUMENT = 1,    /* a size or value that cannot work */
  GYRO_FAIL_UNSUPPORTED = 2, /* valid, but not done by this module or card */
  GYRO_FAIL_UNAVAILABLE = 3, /* no driver, no device, a device that is lost */
  GYRO_FAIL_MEMORY = 4,      /* more memory than the budget or the device allows */
  GYRO_FAIL_CANCELLED = 5,   /* the progress said to stop and there is nothing to return */
  GYRO_FAIL_INTERNAL = 6
};

typedef struct gyro_failure {
  char what[256];   /* a clause: "the driver is older than CUDA 12" */
  char advice[256]; /* what to do, or empty */
} gyro_failure;

typedef struct gyro_device {
  int32_t index;         /* as in "cuda:0" */
  int32_t usable;        /* 0: `state` says why not */
  char name[128];        /* "NVIDIA H200" */
  char capability[16];   /* "9.0" */
  char driver[64];       /* driver version */
  char runtime[64];      /* toolkit version */
  char state[256];       /* "ready", or the reason it cannot be used */
  uint64_t memory_total; /* bytes */
  uint64_t memory_free;  /* bytes when asked */
} gyro_device;

/* Progress of a call; each returns 0 once the call is to stop. May be null. */
typedef struct gyro_progress {
  void* user;
  int32_t (*begin)(void* user, const char* phase, int64_t total);
  int32_t (*reach)(void* user, int64_t done);
} gyro_progress;

typedef struct gyro_matrix {
  const float* data; /* [rows * cols], null: absent */
  int64_t rows;
  int64_t cols;
} gyro_matrix;

/* HinmShape: see core/sparsity/shape.hpp */
typedef struct gyro_shape {
  int32_t rows;
  int32_t cols;
  int32_t vector_size;
  int32_t n;
  int32_t m;
  int32_t kept;
} gyro_shape;

/* Permutation: see core/sparsity/permutation.hpp */
typedef struct gyro_orders {
  const int32_t* output_order; /* [rows] */
  const int32_t* vector_index; /* [tiles * kept] */
} gyro_orders;

/* SaliencyInputs: see core/sparsity/saliency.hpp. `kind` is the value of SaliencyKind. */
typedef struct gyro_saliency_inputs {
  int32_t kind;
  float ria_exponent;
  gyro_matrix norms;    /* [1 x n] */
  gyro_matrix diagonal; /* [1 x n] or [m x n] */
} gyro_saliency_inputs;

/* Sums of squares per output row, [rows] each; the output ones are null without calibration data.
 */
typedef struct gyro_row_errors {
  double* weight_lost; /* |(W - M.W)_r|^2 */
  double* weight_all;  /* |W_r|^2 */
  double* output_lost; /* |((W - M.W) X)_r|^2 */
  double* output_all;  /* |(W X)_r|^2 */
} gyro_row_errors;

/* A step of a search, as SearchStep; `state` is the whole permutation or null. A search that does
 * not start from the identity order tells its start first, as the state of a step of phase -1. */
typedef struct gyro_step {
  int32_t phase;
  int32_t tile;
  int32_t round;
  int32_t sample;
  int32_t accepted;
  int32_t moved;
  double before;
  double after;
  const gyro_orders* state;
} gyro_step;

typedef struct gyro_search {
  const char* strategy;   /* "gyro", "gyroscope" */
  const char* parameters; /* JSON object, every parameter of the strategy */
  uint64_t seed;
  double budget_seconds;                                  /* < 0: none */
  int64_t max_steps;                                      /* < 0: none */
  void* observer;                                         /* passed to on_step */
  void (*on_step)(void* observer, const gyro_step* step); /* may be null */
} gyro_search;

typedef struct gyro_found {
  int32_t* output_order;    /* [rows], filled by the module */
  int32_t* vector_index;    /* [tiles * kept], filled by the module */
  double retained_saliency; /* of the orders, a fraction of the total; the caller counts it again */
  int64_t steps;
  double seconds;
  int32_t stopped_by; /* 0 finished, 1 budget, 2 steps, 3 cancelled */
} gyro_found;

/* A HiNM layer packed for a sparse product: see core/sparsity/packed.hpp. 16-bit values. */
typedef struct gyro_packed {
  gyro_shape shape;
  int32_t type;                /* gyro_value_type of values, B and C */
  const int32_t* output_order; /* [rows] */
  const int32_t* vector_index; /* [tiles * kept]: rows of B that a tile reads, in group order */
  const uint16_t* values;      /* [rows * kept * n / m], rows in permuted order */
  const uint16_t* metadata;    /* 2 bits a value: [rows * ceil(kept * n / m / 8)] words */
  const float* bias;           /* [rows] in original order, or null */
} gyro_packed;

enum gyro_value_type { GYRO_BF16 = 1, GYRO_FP16 = 2 };

/* Where the rows of C go: row i of the permuted weight to row output_order[i], or to row i. */
enum gyro_row_order { GYRO_ORIGINAL_ROWS = 0, GYRO_PERMUTED_ROWS = 1 };

typedef struct gyro_spmm_options {
  int32_t row_order; /* gyro_row_order */
  const char* path;  /* kernel to use, as gyro_spmm_report names it; null: by the cost model */
} gyro_spmm_options;

typedef struct gyro_spmm_report {
  char path[64];     /* the kernel that ran: "sm90/v128", "general" */
  double convert_us; /* packed layer to device image */
  double kernel_us;  /* one run of the kernel */
} gyro_spmm_report;

/* One cell of the benchmark: C[m, tokens] = A[m, k] . B[k, tokens], A in HiNM with random values
 * and a random permutation, or one that is given. */
typedef struct gyro_bench_cell {
  gyro_shape shape; /* rows = m, cols = k */
  int64_t tokens;
  int32_t type;     /* gyro_value_type */
  int32_t cold;     /* 1: the L2 cache is flushed before every sample */
  int32_t samples;  /* 0: as many as the module finds needed */
  int32_t peers;    /* bits: 1 cuBLASLt dense random, 2 cuBLASLt masked, 4 cuSPARSELt 2:4 */
  const char* path; /* as in gyro_spmm_options */
  const gyro_orders* orders; /* null: random output order and vector index */
  uint64_t seed;
} gyro_bench_cell;

/* Microseconds over the samples that count; samples 0: was not timed, `note` says why. */
typedef struct gyro_timing {
  double median_us;
  double p5_us;
  double p95_us;
  int32_t samples;
  int32_t discarded; /* samples below 75 % of the normal clock */
  char note[160];
} gyro_timing;

typedef struct gyro_bench_result {
  char path[64];
  gyro_timing hinm;
  gyro_timing dense;     /* cuBLASLt, dense random data, best of its heuristics */
  gyro_timing masked;    /* the same on the masked weight */
  gyro_timing two_four;  /* cuSPARSELt 2:4 after its search */
  double relative_error; /* of C against a float32 reference, before anything is timed */
  double convert_us;
  double bytes;     /* moved between memory and chip at the least */
  char ceiling[32]; /* name of the gyro_ceiling that limits it */
  double share_of_ceiling;
} gyro_bench_result;

/* What the card can do, measured: "tensor.sparse.bf16" in TFLOP/s, "gather.512B" in TB/s, … */
typedef struct gyro_ceiling {
  char name[32];
  char unit[16];
  double value;
} gyro_ceiling;

/* The card and its libraries as read, never set; numbers that cannot be read are negative. */
typedef struct gyro_environment {
  char card[128];
  char driver[64];
  char cuda[64];
  char cublas[64];
  char cusparselt[64]; /* empty: not found */
  double sm_clock_mhz;
  double sm_clock_max_mhz;
  double memory_clock_mhz;
  double power_w;
  double temperature_c;
  char throttle[128]; /* reasons in force, or empty */
} gyro_environment;

typedef struct gyro_context gyro_context;

typedef struct gyro_module_table {
  uint32_t abi;        /* GYRO_MODULE_ABI the module was built with */
  uint32_t table_size; /* sizeof(gyro_module_table) it was built with */
  int32_t score;       /* among modules that load, the highest is used first; 0: nothing to offer */
  const char* name;    /* "cuda": devices are called name:index */
  const char* version; /* of the module, for people */

  /* Fills up to `capacity` devices and sets `count` to how many there are. Where none can be listed
   * (no driver, one too old, no card) the list is one entry that is not usable and says so. */
  int32_t (*devices)(gyro_device* out, int32_t capacity, int32_t* count, gyro_failure* failure);
  /* `memory_budget`: bytes of device memory the context may use at most, 0 = what is free. */
  int32_t (*open)(int32_t index, uint64_t memory_budget, gyro_context** out, gyro_failure* failure);
  void (*close)(gyro_context* context);

  /* rho [rows x cols] of a weight. */
  int32_t (*saliency)(gyro_context*, gyro_matrix weight, const gyro_saliency_inputs*, float* out,
                      const gyro_progress*, gyro_failure*);
  /* Mask bytes [rows x ceil(cols / 8)], lowest bit first, and retained saliency [rows] per row. */
  int32_t (*mask)(gyro_context*, gyro_matrix saliency, const gyro_shape*, gyro_orders,
                  uint8_t* mask_bytes, double* row_retained, const gyro_progress*, gyro_failure*);
  /* Errors of a masked weight; `inputs` [tokens x cols] may be absent. */
  int32_t (*pruning_error)(gyro_context*, gyro_matrix weight, const uint8_t* mask_bytes,
                           gyro_matrix inputs, gyro_row_errors*, const gyro_progress*,
                           gyro_failure*);
  /* A[r][t] = sum of rho[r][c] over the kept columns c of tile t, [rows x tiles]. */
  int32_t (*tile_products)(gyro_context*, gyro_matrix saliency, const gyro_shape*, gyro_orders,
                           float* out, const gyro_progress*, gyro_failure*);
  /* Output permutation: saliency that vector pruning drops in tile i once cluster j joins its
   * remaining rows. remaining [tiles * (V - c)], clusters [tiles * c]: rows. out [tiles x tiles].
   */
  int32_t (*output_costs)(gyro_context*, gyro_matrix saliency, const gyro_shape*,
                          const int32_t* remaining, const int32_t* clusters, int32_t c, double* out,
                          const gyro_progress*, gyro_failure*);
  /* Input permutation of every tile at once: slot [tiles * groups] is the place (0 .. M - 1) whose
   * vector each group gives away; out [tiles][groups x groups], saliency that N:M pruning drops. */
  int32_t (*input_costs)(gyro_context*, gyro_matrix saliency, const gyro_shape*, gyro_orders,
                         const int32_t* slot, double* out, const gyro_progress*, gyro_failure*);
  /* `batch` linear assignments of size x size: assignment[b][row] = column of least total cost. */
  int32_t (*assign)(gyro_context*, int32_t batch, int32_t size, const double* cost,
                    int32_t* assignment, const gyro_progress*, gyro_failure*);
  /* A whole search. On a cancel it returns GYRO_OK with its best so far and stopped_by 3. */
  int32_t (*search)(gyro_context*, gyro_matrix saliency, const gyro_shape*, const gyro_search*,
                    gyro_found*, const gyro_progress*, gyro_failure*);

  /* C = A . B (+ bias): b [cols x tokens], c [rows x tokens], both of the packed layer's type. The
   * packed layer is checked (indices, metadata) before anything is launched. */
  int32_t (*spmm)(gyro_context*, const gyro_packed*, const uint16_t* b, int64_t tokens,
                  const gyro_spmm_options*, uint16_t* c, gyro_spmm_report*, const gyro_progress*,
                  gyro_failure*);
  int32_t (*environment)(gyro_context*, gyro_environment*, gyro_failure*);
  /* Fills up to `capacity` ceilings, measured in a few seconds; `count`: how many there are. */
  int32_t (*ceilings)(gyro_context*, gyro_ceiling* out, int32_t capacity, int32_t* count,
                      const gyro_progress*, gyro_failure*);
  /* Times one cell. A wrong product is GYRO_FAIL_INTERNAL and nothing is timed. */
  int32_t (*bench)(gyro_context*, const gyro_bench_cell*, gyro_bench_result*, const gyro_progress*,
                   gyro_failure*);
} gyro_module_table;

typedef const gyro_module_table* (*gyro_module_function)(void); /* NOLINT: C has no () */

#ifdef __cplusplus
}
#endif

#endif
