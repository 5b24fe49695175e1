/* A delegate as TFLite loads one from a library. It does what a file says, whose name stands in STUB_DELEGATE:
 *
 *   works    takes the place of every edgetpu-custom-op, which passes its input on
 *   refuses  finds no device when it is loaded
 *   dies, stalls               crash, hang for ever when it is loaded
 *   fails, crashes, hangs, lies    ... when it is asked for an answer
 *
 * The file is read each time, so that it may change its mind. Of TFLite's types (tflite/c/common.h) just what is needed. */
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct { int size; int data[]; } IntArray;
typedef struct Context Context;
typedef struct Delegate Delegate;

typedef struct {
  int type;
  void *data;
  IntArray *dims;
  struct { float scale; int32_t zero_point; } params;
  int allocation_type;
  size_t bytes;
  const void *allocation;
  const char *name;
  Delegate *delegate;
  int buffer_handle;
  _Bool data_is_stale, is_variable;
  struct { int type; void *params; } quantization;
  void *sparsity;
  const IntArray *dims_signature;
} Tensor;

typedef struct { IntArray *inputs, *outputs; /* more follows */ } Node;

typedef struct {
  void *(*init)(Context *, const char *, size_t);
  void (*free)(Context *, void *);
  int (*prepare)(Context *, Node *);
  int (*invoke)(Context *, Node *);
  const char *(*profiling_string)(const Context *, const Node *);
  int32_t builtin_code;
  const char *custom_name;
  int version;
  void *registration_external;
  void *async_kernel;
  uint64_t inplace_operator;
} Registration;

struct Context {
  size_t tensors_size;
  int (*GetExecutionPlan)(Context *, IntArray **);
  Tensor *tensors;
  void *impl;
  int (*ResizeTensor)(Context *, Tensor *, IntArray *);
  void (*ReportError)(Context *, const char *, ...);
  int (*AddTensors)(Context *, int, int *);
  int (*GetNodeAndRegistration)(Context *, int, Node **, Registration **);
  int (*ReplaceNodeSubsetsWithDelegateKernels)(Context *, Registration, const IntArray *, Delegate *);
  /* more follows */
};

struct Delegate {
  void *data;
  int (*Prepare)(Context *, Delegate *);
  void *CopyFromBufferHandle, *CopyToBufferHandle, *FreeBufferHandle;
  int64_t flags;
  void *opaque_delegate_builder;
};

static int told_to(const char *what) {
  char word[32] = "";
  FILE *file = fopen(getenv("STUB_DELEGATE"), "r");
  if (file) {
    if (fscanf(file, "%31s", word) != 1) word[0] = 0;
    fclose(file);
  }
  return strcmp(word, what) == 0;
}

static int invoke(Context *context, Node *node) {
  if (told_to("fails")) {
    context->ReportError(context, "USB transfer error. ");
    return 1;
  }
  if (told_to("crashes")) raise(SIGSEGV);
  if (told_to("hangs")) for (;;) pause();
  Tensor *input = &context->tensors[node->inputs->data[0]], *output = &context->tensors[node->outputs->data[0]];
  if (told_to("lies")) memset(output->data, 0, output->bytes);
  else memcpy(output->data, input->data, output->bytes);
  return 0;
}

static int prepare(Context *context, Delegate *delegate) {
  Registration kernel = {.invoke = invoke, .custom_name = "StubDelegate", .version = 1};
  IntArray *plan;
  if (context->GetExecutionPlan(context, &plan)) return 1;
  IntArray *ours = malloc(sizeof(int) * (plan->size + 1));
  ours->size = 0;
  for (int i = 0; i < plan->size; i++) {
    Node *node;
    Registration *registration;
    if (context->GetNodeAndRegistration(context, plan->data[i], &node, &registration)) return 1;
    if (registration->custom_name && !strcmp(registration->custom_name, "edgetpu-custom-op"))
      ours->data[ours->size++] = plan->data[i];
  }
  int status = context->ReplaceNodeSubsetsWithDelegateKernels(context, kernel, ours, delegate);
  free(ours);
  return status;
}

Delegate *tflite_plugin_create_delegate(char **keys, char **values, size_t options, void (*report)(const char *)) {
  if (told_to("refuses")) {
    report("no device found");
    return NULL;
  }
  if (told_to("dies")) abort();
  if (told_to("stalls")) for (;;) pause();
  Delegate *delegate = calloc(1, sizeof(Delegate));
  delegate->Prepare = prepare;
  delegate->flags = 1; /* AllowDynamicTensors: without it the operators are prepared before they are replaced */
  return delegate;
}

void tflite_plugin_destroy_delegate(Delegate *delegate) { free(delegate); }
