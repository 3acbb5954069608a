// SHA-256 by the instructions that x86 processors have for it, for one hash or for two at the same time.

#include "CSHA256.h"

#if defined(__x86_64__)

#include <cpuid.h>
#include <immintrin.h>

/// The constants of the 64 rounds (FIPS 180-4, section 4.2.2).
static const uint32_t constants[64] __attribute__((aligned(16))) = {
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

#define LANES_MAXIMUM 2
#define SHA_TARGET __attribute__((target("sha,sse4.1,ssse3")))

bool csha256_is_available(void) {
  unsigned a, b, c, d;
  if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_SSSE3) || !(c & bit_SSE4_1)) return false;
  return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & bit_SHA);
}

/// The rounds of some hashes, which the compiler unrolls for each number of them.
///
/// The instructions want the words a, b, e, f of a hash in one register and c, d, g, h in another, the first in the
/// highest place.
SHA_TARGET static inline __attribute__((always_inline)) void add(
  uint32_t *const words[], const uint8_t *blocks[], size_t count, const int lanes
) {
  const __m128i byte_order = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
  __m128i abef[LANES_MAXIMUM], cdgh[LANES_MAXIMUM], schedule[LANES_MAXIMUM][4];
  for (int lane = 0; lane < lanes; lane++) {
    __m128i badc = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)words[lane]), 0xb1);
    __m128i hgfe = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(words[lane] + 4)), 0x1b);
    abef[lane] = _mm_alignr_epi8(badc, hgfe, 8);
    cdgh[lane] = _mm_blend_epi16(hgfe, badc, 0xf0);
  }
  while (count-- > 0) {
    __m128i abef_before[LANES_MAXIMUM], cdgh_before[LANES_MAXIMUM];
    for (int lane = 0; lane < lanes; lane++) {
      abef_before[lane] = abef[lane];
      cdgh_before[lane] = cdgh[lane];
      for (int part = 0; part < 4; part++) {
        __m128i message = _mm_loadu_si128((const __m128i *)(blocks[lane] + 16 * part));
        schedule[lane][part] = _mm_shuffle_epi8(message, byte_order);
      }
      blocks[lane] += 64;
    }
#pragma clang loop unroll(full)
    for (int quarter = 0; quarter < 16; quarter++) {
      const __m128i constant = _mm_load_si128((const __m128i *)(constants + 4 * quarter));
#pragma clang loop unroll(full)
      for (int lane = 0; lane < lanes; lane++) {
        __m128i *const now = &schedule[lane][quarter & 3];
        const __m128i next = schedule[lane][(quarter + 1) & 3];
        const __m128i second = schedule[lane][(quarter + 2) & 3], last = schedule[lane][(quarter + 3) & 3];
        const __m128i input = _mm_add_epi32(*now, constant);
        cdgh[lane] = _mm_sha256rnds2_epu32(cdgh[lane], abef[lane], input);
        abef[lane] = _mm_sha256rnds2_epu32(abef[lane], cdgh[lane], _mm_shuffle_epi32(input, 0x0e));
        if (quarter < 12) {
          const __m128i sum = _mm_add_epi32(_mm_sha256msg1_epu32(*now, next), _mm_alignr_epi8(last, second, 4));
          *now = _mm_sha256msg2_epu32(sum, last);
        }
      }
    }
    for (int lane = 0; lane < lanes; lane++) {
      abef[lane] = _mm_add_epi32(abef[lane], abef_before[lane]);
      cdgh[lane] = _mm_add_epi32(cdgh[lane], cdgh_before[lane]);
    }
  }
  for (int lane = 0; lane < lanes; lane++) {
    __m128i feba = _mm_shuffle_epi32(abef[lane], 0x1b);
    __m128i dchg = _mm_shuffle_epi32(cdgh[lane], 0xb1);
    _mm_storeu_si128((__m128i *)words[lane], _mm_blend_epi16(feba, dchg, 0xf0));
    _mm_storeu_si128((__m128i *)(words[lane] + 4), _mm_alignr_epi8(dchg, feba, 8));
  }
}

SHA_TARGET void csha256_add(uint32_t *words, const uint8_t *blocks, size_t count) {
  uint32_t *const all_words[] = {words};
  const uint8_t *all_blocks[] = {blocks};
  add(all_words, all_blocks, count, 1);
}

SHA_TARGET void csha256_add_two(
  uint32_t *first_words, const uint8_t *first_blocks, uint32_t *second_words, const uint8_t *second_blocks,
  size_t count
) {
  uint32_t *const all_words[] = {first_words, second_words};
  const uint8_t *all_blocks[] = {first_blocks, second_blocks};
  add(all_words, all_blocks, count, 2);
}

#else

bool csha256_is_available(void) { return false; }

void csha256_add(uint32_t *words, const uint8_t *blocks, size_t count) { __builtin_trap(); }

void csha256_add_two(
  uint32_t *first_words, const uint8_t *first_blocks, uint32_t *second_words, const uint8_t *second_blocks,
  size_t count
) {
  __builtin_trap();
}

#endif
