//! The real program, as a process that can be killed.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use app::kit::db::DatabaseUrl;

/// A running `tenantry`; killed when it goes out of scope.
pub struct Program {
    child: Child,
    pub address: SocketAddr,
}

impl Program {
    /// The program with its settings, not yet started.
    pub fn command(url: &DatabaseUrl, data: &Path) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tenantry"));
        for name in ["TENANTRY_ADDR", "TENANTRY_PUBLIC_URL", "TENANTRY_SECRET_KEY", "TENANTRY_NO_DEMO", "TENANTRY_NO_WORK", "TENANTRY_LOG"]
        {
            command.env_remove(name);
        }
        command.env("DATABASE_URL", url.as_str()).env("TENANTRY_DATA", data).current_dir(data);
        command
    }

    /// Works on jobs until it is killed.
    pub fn work(url: &DatabaseUrl, data: &Path) -> Self {
        let child = Self::command(url, data).arg("work").stdout(Stdio::null()).spawn().expect("starts");
        Self { child, address: SocketAddr::from(([127, 0, 0, 1], 0)) }
    }

    /// Serves on a free port, and answers already.
    pub fn serve(url: &DatabaseUrl, data: &Path) -> Self {
        let address = TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a free port");
        let mut command = Self::command(url, data);
        let child = command.args(["serve", "--no-demo", "--addr", &address.to_string()]).stdout(Stdio::null()).spawn().expect("starts");
        let mut program = Self { child, address };
        let end = Instant::now() + Duration::from_secs(60);
        while !program.get("/readyz", "").is_ok_and(|answer| answer.starts_with("HTTP/1.1 200")) {
            assert!(program.child.try_wait().expect("a state").is_none(), "it ended");
            assert!(Instant::now() < end, "it does not answer");
            std::thread::sleep(Duration::from_millis(50));
        }
        program
    }

    /// As a power cut would: no signal that can be handled.
    pub fn kill(mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("gone");
    }

    /// One answer, headers and all. `headers` are whole lines.
    pub fn get(&self, path: &str, headers: &str) -> std::io::Result<String> {
        self.answer("GET", path, headers, "")
    }

    pub fn post(&self, path: &str, headers: &str, body: &str) -> std::io::Result<String> {
        self.answer("POST", path, &format!("Content-Type: application/json\r\n{headers}"), body)
    }

    fn answer(&self, method: &str, path: &str, headers: &str, body: &str) -> std::io::Result<String> {
        let mut stream = self.send(method, path, &format!("Connection: close\r\n{headers}"), body)?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        Ok(String::from_utf8_lossy(&answer).into_owned())
    }

    fn send(&self, method: &str, path: &str, headers: &str, body: &str) -> std::io::Result<TcpStream> {
        let mut stream = TcpStream::connect(self.address)?;
        stream.set_read_timeout(Some(Duration::from_secs(15)))?;
        write!(stream, "{method} {path} HTTP/1.1\r\nHost: {}\r\n{headers}Content-Length: {}\r\n\r\n{body}", self.address, body.len())?;
        Ok(stream)
    }

    /// The lines of an answer that does not end.
    pub fn stream(&self, path: &str, headers: &str) -> std::io::Result<impl Iterator<Item = std::io::Result<String>> + use<>> {
        Ok(BufReader::new(self.send("GET", path, &format!("Accept: text/event-stream\r\n{headers}"), "")?).lines())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have been killed already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
