#include "cassets.h"

#include <string.h>

static const unsigned char host_rules[] = {
#embed "../../rules/host.tocsin"
};
static const unsigned char cap_rules[] = {
#embed "../../rules/cap.tocsin"
};
static const unsigned char tocsin_rules[] = {
#embed "../../rules/tocsin.tocsin"
};
static const unsigned char container_kit_rules[] = {
#embed "../../rules/container-kit.tocsin"
};
static const unsigned char container_kit_guide_rules[] = {
#embed "../../rules/container-kit-guide.tocsin"
};

static const struct {
  const char *name;
  const unsigned char *text;
  long length;
} rules[] = {
    {"host", host_rules, sizeof host_rules},
    {"cap", cap_rules, sizeof cap_rules},
    {"tocsin", tocsin_rules, sizeof tocsin_rules},
    {"container-kit", container_kit_rules, sizeof container_kit_rules},
    {"container-kit-guide", container_kit_guide_rules, sizeof container_kit_guide_rules},
};

const unsigned char *cassets_rules(const char *name, long *length) {
  for (size_t index = 0; index < sizeof rules / sizeof rules[0]; index++) {
    if (strcmp(rules[index].name, name) == 0) {
      *length = rules[index].length;
      return rules[index].text;
    }
  }
  *length = 0;
  return NULL;
}
