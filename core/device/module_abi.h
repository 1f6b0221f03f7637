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
  GYRO_FAIL_ARGUMENT = 1,     /* a size or value that cannot work */
  GYRO_FAIL_UNSUPPORTED = 2,  /* valid, but not done by this module or card */
  GYRO_FAIL_UNAVAILABLE = 3,  /* no driver, no device, a device that is lost */
  GYRO_FAIL_MEMORY = 4,       /* more memory than the budget or the device allows */
  GYRO_FAIL_CANCELLED = 5,    /* the progress said to stop and there is nothing to return */
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

/* Sums of squares per output row, [rows] each; the output ones are null without calibration data. */
typedef struct gyro_row_errors {
  double* weight_lost; /* |(W - M.W)_r|^2 */
  double* weight_all;  /* |W_r|^2 */
  double* output_lost; /* |((W - M.W) X)_r|^2 */
  double* output_all;  /* |(W X)_r|^2 */
} gyro_row_errors;

/* A step of a search, as SearchStep; `state` is the whole permutation or null. */
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
  const char* strategy;        /* "gyro", "gyroscope" */
  const char* parameters;      /* JSON object, every parameter of the strategy */
  uint64_t seed;
  double budget_seconds;       /* < 0: none */
  int64_t max_steps;           /* < 0: none */
  void* observer;              /* passed to on_step */
  void (*on_step)(void* observer, const gyro_step* step); /* may be null */
} gyro_search;

typedef struct gyro_found {
  int32_t* output_order; /* [rows], filled by the module */
  int32_t* vector_index; /* [tiles * kept], filled by the module */
  int64_t steps;
  double seconds;
  int32_t stopped_by;    /* 0 finished, 1 budget, 2 steps, 3 cancelled */
} gyro_found;

typedef struct gyro_context gyro_context;

typedef struct gyro_module_table {
  uint32_t abi;        /* GYRO_MODULE_ABI the module was built with */
  uint32_t table_size; /* sizeof(gyro_module_table) it was built with */
  int32_t score;       /* among modules that load, the highest is used first; 0: nothing to offer */
  const char* name;    /* "cuda": devices are called name:index */
  const char* version; /* of the module, for people */

  /* Fills up to `capacity` devices and sets `count` to how many there are. */
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
   * remaining rows. remaining [tiles * (V - c)], clusters [tiles * c]: rows. out [tiles x tiles]. */
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
} gyro_module_table;

typedef const gyro_module_table* (*gyro_module_function)(void);

#ifdef __cplusplus
}
#endif

#endif
