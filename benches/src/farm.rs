//! A farm of targets: the machines of a fleet answer scrapes, each under a path of its own (`/0`, `/1`, …).

use std::fmt::Write as _;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};

use crate::fleet::{self, Values};

/// A machine that is scraped.
struct Target {
    /// The text in front of each value: comments where a metric begins, name and labels.
    heads: Vec<String>,
    values: Vec<Values>,
    scrape: u64,
}

/// All targets of a fleet.
pub struct Farm(Vec<Mutex<Target>>);

/// What whoever scrapes adds of itself.
const NOT_EXPOSED: [&str; 4] = ["__name__", "cluster", "instance", "job"];

impl Target {
    fn new(series: &[fleet::Series]) -> Self {
        let mut target = Self { heads: Vec::new(), values: Vec::new(), scrape: 0 };
        let mut last = "";
        for series in series {
            let name = series.labels.iter().find(|(name, _)| *name == "__name__");
            let name = name.map_or("", |(_, value)| value.as_str());
            if name == "up" || name.starts_with("scrape_") {
                continue;
            }
            let mut head = String::new();
            if name != last {
                let kind = if name.ends_with("_total") { "counter" } else { "gauge" };
                head = format!("# HELP {name} What the machine says of it.\n# TYPE {name} {kind}\n");
                last = name;
            }
            head.push_str(name);
            let exposed = series.labels.iter().filter(|(name, _)| !NOT_EXPOSED.contains(name));
            let labels: Vec<String> = exposed.map(|(name, value)| format!("{name}={value:?}")).collect();
            if labels.is_empty() {
                head.push(' ');
            } else {
                head.push_str(&format!("{{{}}} ", labels.join(",")));
            }
            target.heads.push(head);
            target.values.push(series.values());
        }
        target
    }

    fn scrape(&mut self, body: &mut String) {
        body.clear();
        for (head, values) in self.heads.iter().zip(&mut self.values) {
            body.push_str(head);
            // Text takes everything.
            let _ = writeln!(body, "{}", values.next(self.scrape));
        }
        self.scrape += 1;
    }
}

impl Farm {
    /// As many machines as `settings` needs; the last one has what is left.
    pub fn new(settings: fleet::Settings) -> Self {
        let mut targets = Vec::new();
        let mut left = settings.series;
        while left > 0 {
            let mut machine = fleet::machine(targets.len(), settings.seed);
            machine.truncate(left);
            left -= machine.len();
            targets.push(Mutex::new(Target::new(&machine)));
        }
        Self(targets)
    }

    /// The number of targets.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What a target answers next; `None` where there is none of this number.
    pub fn body(&self, target: usize) -> Option<String> {
        let mut body = String::new();
        self.0.get(target)?.lock().unwrap_or_else(PoisonError::into_inner).scrape(&mut body);
        Some(body)
    }

    /// Answers scrapes until the process ends.
    ///
    /// # Errors
    /// Where nobody can connect.
    pub fn serve(self, address: &str) -> io::Result<()> {
        let listener = TcpListener::bind(address)?;
        let farm = Arc::new(self);
        for stream in listener.incoming() {
            let (farm, stream) = (Arc::clone(&farm), stream?);
            // Who goes away in the middle of an answer does not want it.
            std::thread::spawn(move || farm.answer(stream));
        }
        Ok(())
    }

    fn answer(&self, stream: TcpStream) -> io::Result<()> {
        stream.set_nodelay(true)?;
        let mut stream = BufReader::new(stream);
        let (mut line, mut body) = (String::new(), String::new());
        loop {
            line.clear();
            if stream.read_line(&mut line)? == 0 {
                return Ok(());
            }
            let path = line.split(' ').nth(1).and_then(|path| path.strip_prefix('/'));
            let target = path.and_then(|path| self.0.get(path.parse::<usize>().ok()?));
            while !line.trim_end().is_empty() {
                line.clear();
                stream.read_line(&mut line)?;
            }
            body.clear();
            let status = match target {
                Some(target) => {
                    target.lock().unwrap_or_else(PoisonError::into_inner).scrape(&mut body);
                    "200 OK"
                }
                None => "404 Not Found",
            };
            let head = format!(
                "HTTP/1.1 {status}\r\nContent-Type: text/plain; version=0.0.4\r\nContent-Length: {}\r\n\r\n",
                body.len()
            );
            let writer = stream.get_mut();
            writer.write_all(head.as_bytes())?;
            writer.write_all(body.as_bytes())?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_tells_each_metric_once_and_goes_on_from_scrape_to_scrape() {
        let mut target = Target::new(&fleet::machine(0, 1));
        let (mut first, mut second) = (String::new(), String::new());
        target.scrape(&mut first);
        target.scrape(&mut second);
        assert_eq!(first.matches("# TYPE node_cpu_seconds_total counter\n").count(), 1);
        assert!(first.contains("\nnode_cpu_seconds_total{cpu=\"0\",mode=\"idle\"} "));
        assert!(!first.contains("instance=") && first.ends_with('\n'));
        assert_ne!(first, second);
    }

    #[test]
    fn a_fleet_has_as_many_series_as_asked_for() {
        let farm = Farm::new(fleet::Settings { series: 2000, seed: 1 });
        assert_eq!(farm.len(), 3);
        assert!(!farm.is_empty());
    }
}
