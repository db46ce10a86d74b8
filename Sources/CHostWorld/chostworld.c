#include "chostworld.h"
