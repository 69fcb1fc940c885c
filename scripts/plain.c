/* The two servers in plain C, to measure against: the same network calls, the
 * same screen, the time by localtime_r and asctime_r.
 *
 * Usage: plain tcp|udp PORT, on 127.0.0.1. */
#define _GNU_SOURCE /* accept4 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BACKLOG = 5, BUFSIZ_ = 1024, STAMP = 27 };

static void check(int failed, const char *call)
{
    if (failed) {
        perror(call);
        exit(1);
    }
}

/* Writes '[', the 24 characters of the time, '] ' and the data; returns the length. */
static size_t stamped(char *reply, const char *data, size_t n)
{
    char text[26];
    struct tm local;
    time_t now = time(NULL);
    asctime_r(localtime_r(&now, &local), text);
    reply[0] = '[';
    memcpy(reply + 1, text, 24);
    memcpy(reply + 25, "] ", 2);
    memcpy(reply + STAMP, data, n);
    return STAMP + n;
}

static void tcp(int server)
{
    char data[BUFSIZ_], reply[BUFSIZ_ + STAMP];
    check(listen(server, BACKLOG), "listen");
    for (;;) {
        struct sockaddr_in peer, own;
        socklen_t length = sizeof peer, own_length = sizeof own;
        puts("waiting for connecting...");
        fflush(stdout);
        int client = accept4(server, (struct sockaddr *)&peer, &length, SOCK_CLOEXEC);
        check(client < 0, "accept");
        getsockname(client, (struct sockaddr *)&own, &own_length);
        char ip[INET_ADDRSTRLEN];
        inet_ntop(AF_INET, &peer.sin_addr, ip, sizeof ip);
        printf("...connected from: ('%s', %d)\n", ip, ntohs(peer.sin_port));
        fflush(stdout);
        for (;;) {
            ssize_t n = recv(client, data, sizeof data, 0);
            if (n <= 0)
                break;
            check(send(client, reply, stamped(reply, data, (size_t)n), 0) < 0, "send");
        }
        close(client);
    }
}

static void udp(int server)
{
    char data[BUFSIZ_], reply[BUFSIZ_ + STAMP];
    for (;;) {
        struct sockaddr_in peer;
        socklen_t length = sizeof peer;
        puts("waiting for message...");
        fflush(stdout); /* with the line below: both in one write */
        ssize_t n = recvfrom(server, data, sizeof data, 0, (struct sockaddr *)&peer, &length);
        check(n < 0, "recvfrom");
        size_t all = stamped(reply, data, (size_t)n);
        check(sendto(server, reply, all, 0, (struct sockaddr *)&peer, length) < 0, "sendto");
        char ip[INET_ADDRSTRLEN];
        inet_ntop(AF_INET, &peer.sin_addr, ip, sizeof ip);
        printf("...received from and returned to: ('%s', %d)\n", ip, ntohs(peer.sin_port));
    }
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: %s tcp|udp PORT\n", argv[0]);
        return 2;
    }
    int stream = strcmp(argv[1], "tcp") == 0;
    struct sockaddr_in addr = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[2]))};
    addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    static char screen[4096]; /* a line goes out where it is flushed, not before */
    setvbuf(stdout, screen, _IOFBF, sizeof screen);
    int server = socket(AF_INET, (stream ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC, 0);
    check(server < 0, "socket");
    int on = 1;
    if (stream)
        setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    check(bind(server, (struct sockaddr *)&addr, sizeof addr), "bind");
    if (stream)
        tcp(server);
    else
        udp(server);
}
