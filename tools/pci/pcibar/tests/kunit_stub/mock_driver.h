/* SPDX-License-Identifier: GPL-2.0 */
#include "mock_host.h"
