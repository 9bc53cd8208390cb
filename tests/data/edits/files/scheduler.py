"""A small job scheduler."""

import heapq
import time


class Job:
    def __init__(self, name, run_at, action):
        self.name = name
        self.run_at = run_at
        self.action = action
        self.retries = 0

    def __lt__(self, other):
        return self.run_at < other.run_at


class Scheduler:
    def __init__(self, clock=time.time):
        self.clock = clock
        self.jobs = []
        self.failed = []

    def add(self, job):
        if job.run_at < self.clock():
            raise ValueError("the job is in the past")
        heapq.heappush(self.jobs, job)

    def remove(self, name):
        for job in self.jobs:
            if job.name == name:
                self.jobs.remove(job)
                heapq.heapify(self.jobs)
                return True
        return False

    def run_due(self):
        done = 0
        while self.jobs and self.jobs[0].run_at <= self.clock():
            job = heapq.heappop(self.jobs)
            try:
                job.action()
            except Exception as error:
                job.retries += 1
                if job.retries < 3:
                    heapq.heappush(self.jobs, job)
                else:
                    self.failed.append((job, error))
            done += 1
        return done

    def run_all(self):
        done = 0
        while self.jobs:
            job = heapq.heappop(self.jobs)
            job.action()
            done += 1
        return done


def report(scheduler):
    print("jobs:\t%d\n" % len(scheduler.jobs))
    for job, error in scheduler.failed:
        print("failed:", job.name,  error)
