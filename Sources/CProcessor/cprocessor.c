#include "cprocessor.h"
