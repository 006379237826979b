/* Calls at a given rate, whether the earlier ones were answered or not, and how long each took.
 *
 *   open_load PORT REQUEST-FILE RATE SECONDS CONNECTIONS
 *
 * prints one JSON line {"late": n, "seconds": [...]} in the order of the answers. A call waits for a free connection
 * when there is none, and is late then; it is timed from the moment it was due. In C, since a client that takes most of
 * a core has its calls wait for itself. It runs before everything but the servers, where it may. Linux.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { LONGEST_REQUEST = 65536, LONGEST_ANSWER = 16384, EVENTS = 256, TICK_NANOSECONDS = 200000, PRIORITY = 1 };

struct caller {
    int socket;
    double due;
    size_t got;
    char answer[LONGEST_ANSWER];
};

static char request[LONGEST_REQUEST];
static size_t request_length;
static struct caller **free_callers;
static size_t free_count;
static double *waiting, *taken;
static size_t waiting_first, waiting_end, answered;

static void stop(const char *what) {
    fprintf(stderr, "%s: %s\n", what, errno ? strerror(errno) : "not as expected");
    exit(1);
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static void call(struct caller *caller, double due) {
    caller->due = due;
    caller->got = 0;
    if (write(caller->socket, request, request_length) != (ssize_t)request_length) stop("write");
}

static void fall_due(double due) {
    if (free_count) call(free_callers[--free_count], due);
    else waiting[waiting_end++] = due;
}

/* Length of a complete answer with a content-length, 0 while it is not complete. */
static size_t complete(struct caller *caller) {
    char *end = strstr(caller->answer, "\r\n\r\n");
    if (!end) return 0;
    if (strncmp(caller->answer, "HTTP/1.1 200", 12)) stop(caller->answer);
    char *length = strcasestr(caller->answer, "\r\ncontent-length:");
    if (!length || length > end) stop("an answer without content-length");
    size_t whole = (size_t)(end + 4 - caller->answer) + strtoul(length + 17, NULL, 10);
    return caller->got >= whole ? whole : 0;
}

static void read_from(struct caller *caller) {
    ssize_t length = read(caller->socket, caller->answer + caller->got, LONGEST_ANSWER - 1 - caller->got);
    if (length < 0 && errno == EAGAIN) return;
    if (length <= 0) stop("read");
    caller->got += (size_t)length;
    caller->answer[caller->got] = 0;
    if (!complete(caller)) return;
    taken[answered++] = now() - caller->due;
    if (waiting_first < waiting_end) call(caller, waiting[waiting_first++]);
    else free_callers[free_count++] = caller;
}

static void watch(int poll, int descriptor, void *caller) {
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = caller};
    if (epoll_ctl(poll, EPOLL_CTL_ADD, descriptor, &event)) stop("epoll_ctl");
}

static void dial(struct caller *caller, int port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int on = 1;
    caller->socket = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(caller->socket, (struct sockaddr *)&address, sizeof address)) stop("connect");
    setsockopt(caller->socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    fcntl(caller->socket, F_SETFL, O_NONBLOCK);
}

static int ticking(void) {
    struct itimerspec every = {{0, TICK_NANOSECONDS}, {0, TICK_NANOSECONDS}};
    int timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    timerfd_settime(timer, 0, &every, NULL);
    return timer;
}

static void run(int poll, int timer, double rate, size_t total) {
    double started = now();
    size_t sent = 0;
    while (answered < total) {
        for (double moment = now(); sent < total && started + (double)sent / rate <= moment; sent++)
            fall_due(started + (double)sent / rate);
        struct epoll_event events[EVENTS];
        int count = epoll_wait(poll, events, EVENTS, -1);
        for (int at = 0; at < count; at++) {
            unsigned long ticks;
            if (events[at].data.ptr) read_from(events[at].data.ptr);
            else if (read(timer, &ticks, sizeof ticks) < 0 && errno != EAGAIN) stop("timer");
        }
    }
}

static void prefer(void) {
    struct sched_param priority = {.sched_priority = PRIORITY};
    sched_setscheduler(0, SCHED_FIFO, &priority); /* where it is not allowed, it runs as everybody does */
    errno = 0;
}

int main(int count, char **arguments) {
    if (count != 6) stop("usage: open_load PORT REQUEST-FILE RATE SECONDS CONNECTIONS");
    FILE *file = fopen(arguments[2], "rb");
    if (!file) stop(arguments[2]);
    request_length = fread(request, 1, sizeof request, file);
    fclose(file);
    double rate = atof(arguments[3]);
    size_t total = (size_t)(rate * atof(arguments[4])), connections = strtoul(arguments[5], NULL, 10);
    struct caller *callers = calloc(connections, sizeof *callers);
    free_callers = calloc(connections, sizeof *free_callers);
    waiting = calloc(total, sizeof *waiting);
    taken = calloc(total, sizeof *taken);
    int poll = epoll_create1(0), timer = ticking();
    prefer();
    for (size_t at = 0; at < connections; at++) {
        dial(callers + at, atoi(arguments[1]));
        watch(poll, callers[at].socket, callers + at);
        free_callers[free_count++] = callers + at;
    }
    watch(poll, timer, NULL);
    run(poll, timer, rate, total);
    printf("{\"late\":%zu,\"seconds\":[", waiting_end);
    for (size_t at = 0; at < answered; at++) printf(at ? ",%.7f" : "%.7f", taken[at]);
    puts("]}");
    return 0;
}
