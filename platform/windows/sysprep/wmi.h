/* SPDX-License-Identifier: MIT */
#ifndef WINDOWS_SYSPREP_WMI_H
#define WINDOWS_SYSPREP_WMI_H

#include <stdbool.h>
#include <stdint.h>
#include <wchar.h>

/* A number that WMI knows: `property` of the first object that the query (WQL) gives in a
 * namespace ("ROOT\\CIMV2"). False: there is none, or WMI does not answer within seconds. */
bool wmi_number(const wchar_t *space, const wchar_t *query, const wchar_t *property,
		uint32_t *ret);

#endif
