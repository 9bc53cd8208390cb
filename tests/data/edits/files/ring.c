#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CAPACITY 64
#define CHECK(ok) \
    do { \
        if (!(ok)) abort(); \
    } while (0)

struct ring
{
    char data[CAPACITY];
    size_t head, tail;
};

int ring_put(struct ring *r, char c)
{
    size_t next = (r->head + 1) % CAPACITY;
    if (next == r->tail)
        return 0; /* full */
    r->data[r->head] = c;
    r->head = next;
    return 1;
}

int ring_get(struct ring *r, char *c)
{
    if (r->head == r->tail)
        return 0; /* empty */
    *c = r->data[r->tail];
    r->tail = (r->tail + 1) % CAPACITY;
    return 1;
}

int main(void)
{
    struct ring r;
    memset(&r, 0, sizeof r);
    CHECK(ring_put(&r, '\n'));
    printf("put one\n");
    return 0;
}
