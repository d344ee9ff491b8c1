/* steps PROGRAM ARGUMENT...: how many instructions PROGRAM executes from when it has said `ready` until it ends.
 *
 * Steps through it one by one. Needs no counters of the processor, which virtual machines hide, and no valgrind. */

#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

/* Whether it sleeps: it has said that it is ready, so it waits for its line. */
static int sleeps(pid_t process)
{
    char path[64], state = 0;
    snprintf(path, sizeof path, "/proc/%d/stat", (int)process);
    FILE *file = fopen(path, "r");
    if (!file || fscanf(file, "%*d (%*[^)]) %c", &state) != 1)
        fail(path);
    fclose(file);
    return state == 'S';
}

int main(int count, char **arguments)
{
    int to_child[2], from_child[2], status, signal_to_pass = 0;
    unsigned long steps = 0;
    char said;

    if (count < 2 || pipe(to_child) || pipe(from_child))
        fail("steps PROGRAM ARGUMENT...");
    pid_t child = fork();
    if (child < 0)
        fail("fork");
    if (child == 0) {
        dup2(to_child[0], STDIN_FILENO);
        dup2(from_child[1], STDOUT_FILENO);
        close(to_child[1]);
        close(from_child[0]);
        if (ptrace(PTRACE_TRACEME, 0, 0, 0))
            fail("ptrace");
        execv(arguments[1], arguments + 1);
        fail(arguments[1]);
    }
    close(to_child[0]);
    close(from_child[1]);

    /* It stops at its first instruction; let it get ready, then stop it again. */
    if (waitpid(child, &status, 0) < 0 || !WIFSTOPPED(status) || ptrace(PTRACE_CONT, child, 0, 0))
        fail("it did not start");
    while (read(from_child[0], &said, 1) == 1 && said != '\n')
        ;
    /* Always stopped at the same place, or the counts would differ. */
    while (!sleeps(child))
        sched_yield();
    kill(child, SIGSTOP);
    if (waitpid(child, &status, 0) < 0 || !WIFSTOPPED(status))
        fail("it ended before it was ready");
    if (write(to_child[1], "\n", 1) != 1)
        fail("write");

    for (;;) {
        if (ptrace(PTRACE_SINGLESTEP, child, 0, signal_to_pass) || waitpid(child, &status, 0) < 0)
            fail("step");
        if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
            break;
        if (!WIFSTOPPED(status))
            fail("it did not end well");
        signal_to_pass = WSTOPSIG(status) == SIGTRAP ? 0 : WSTOPSIG(status);
        steps++;
    }
    printf("%lu\n", steps);
    return 0;
}
