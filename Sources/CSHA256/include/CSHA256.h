#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Whether this processor can do what follows; without, none of it may be called.
bool csha256_is_available(void);

/// Adds blocks of 64 bytes to the eight words of a hash (FIPS 180-4, section 6.2.2).
void csha256_add(uint32_t *words, const uint8_t *blocks, size_t count);

/// Adds as many blocks to one hash as to another, at the same time.
///
/// Each instruction waits for the one before it in its own hash; those of the other fill that time.
void csha256_add_two(
  uint32_t *first_words, const uint8_t *first_blocks, uint32_t *second_words, const uint8_t *second_blocks,
  size_t count);
