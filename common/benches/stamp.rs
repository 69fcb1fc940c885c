//! What the time and the stamped reply cost: `cargo bench -p common`.

use common::{BUFSIZ, ctime, stamped};
use criterion::{BenchmarkId, Criterion, Throughput};
use std::hint::black_box;

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    criterion.bench_function("ctime", |bencher| bencher.iter(ctime));

    let mut replies = criterion.benchmark_group("stamped reply");
    for length in [64, BUFSIZ] {
        let data = vec![b'x'; length];
        replies.throughput(Throughput::Bytes(length as u64));
        replies.bench_function(BenchmarkId::from_parameter(length), |bencher| {
            bencher.iter(|| stamped(&ctime(), black_box(&data)));
        });
    }
    replies.finish();
    criterion.final_summary();
}
