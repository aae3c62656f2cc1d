#include "harness/run/database_links.h"

#include <future>
#include <string>
#include <utility>

namespace netchat::harness {

namespace {

// Runs it on the loop's thread, and waits.
void runOn(net::EventLoop& loop, const std::function<void()>& task) {
    std::promise<void> done;
    loop.post([&] {
        task();
        done.set_value();
    });
    done.get_future().wait();
}

}  // namespace

Result<std::unique_ptr<DatabaseLinks>> DatabaseLinks::create(
    const std::array<uint16_t, 2>& databases) {
    std::unique_ptr<DatabaseLinks> links(new DatabaseLinks);
    Status status = Ok{};
    runOn(links->thread_.loop(), [&] {
        for (size_t i = 0; i < databases.size() && status; ++i) {
            auto proxy =
                Proxy::create(links->thread_.loop(), 1, {"127.0.0.1", databases[i]}, false);
            if (!proxy) {
                status = proxy.error();
                continue;
            }
            links->ports_[i] = (*proxy)->address(0).port;
            links->proxies_[i] = std::move(*proxy);
        }
    });
    if (!status) return status.error();
    return links;
}

DatabaseLinks::~DatabaseLinks() {
    runOn(thread_.loop(), [this] { proxies_ = {}; });
    thread_.stop();
}

void DatabaseLinks::strike(const FaultStep& step) {
    thread_.loop().post([this, step] {
        for (auto& proxy : proxies_) proxy->applyToAll(step);
    });
}

}  // namespace netchat::harness
