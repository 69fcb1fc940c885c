/* A DLL that Windows has and Wine 8 has not, with the one function of it that
 * Rust's standard library calls. SystemFunction036 fills a buffer with random
 * bytes. */
#include <stddef.h>

int SystemFunction036(void *buffer, unsigned long length);

__declspec(dllexport) int ProcessPrng(void *buffer, size_t length)
{
    return SystemFunction036(buffer, (unsigned long)length);
}
