#include "cmd/control_table.h"

#include <Poco/JSON/Array.h>

#include <algorithm>

#include "protocol/duration.h"
#include "protocol/size_text.h"
#include "protocol/text_safety.h"
#include "protocol/utf8.h"

namespace netchat::cmd {

namespace {

using Poco::Dynamic::Var;
using Poco::JSON::Object;

bool endsWith(const std::string& name, const char* end) {
    return name.ends_with(end);
}

// The unit is in the value.
std::string titleOf(const std::string& name) {
    for (const char* unit : {"_bytes", "_s"}) {
        if (endsWith(name, unit)) return name.substr(0, name.size() - std::string(unit).size());
    }
    return name;
}

std::string timeOf(const std::string& text) {
    // 2026-11-24T04:30:00.123Z without what nobody reads.
    std::string time = text.substr(0, 19);
    if (time.size() > 10) time[10] = ' ';
    return time;
}

std::string joined(const Poco::JSON::Array::Ptr& texts) {
    std::string all;
    for (size_t i = 0; texts && i < texts->size(); ++i) {
        const auto text = texts->getElement<std::string>(static_cast<unsigned>(i));
        all += (all.empty() ? "" : " ") + neutralised(text);
    }
    return all;
}

std::string textOf(const std::string& name, const Var& value) {
    std::string text;
    if (value.type() == typeid(Poco::JSON::Array::Ptr)) {
        text = joined(value.extract<Poco::JSON::Array::Ptr>());
    } else if (value.isBoolean()) {
        text = value.extract<bool>() ? "yes" : "";
    } else if (endsWith(name, "bytes")) {
        text = sizeText(value.convert<Poco::UInt64>());
    } else if (endsWith(name, "_s")) {
        text = durationText(value.convert<Poco::Int64>() * 1000);
    } else if (name == "since" || name == "until") {
        text = timeOf(value.convert<std::string>());
    } else {
        text = neutralised(value.convert<std::string>());
    }
    return text.empty() ? "-" : text;
}

std::string padded(const std::string& text, size_t width) {
    const size_t length = utf8::length(text);
    return text + std::string(length < width ? width - length : 0, ' ');
}

}  // namespace

std::string tableOf(const std::vector<Object::Ptr>& rows) {
    if (rows.empty()) return {};
    const auto names = rows.front()->getNames();
    std::vector<std::vector<std::string>> lines(1);
    for (const auto& name : names) lines[0].push_back(titleOf(name));
    for (const auto& row : rows) {
        auto& line = lines.emplace_back();
        for (const auto& name : names) line.push_back(textOf(name, row->get(name)));
    }
    std::vector<size_t> widths(names.size());
    for (const auto& line : lines) {
        for (size_t i = 0; i < line.size(); ++i) {
            widths[i] = std::max(widths[i], utf8::length(line[i]));
        }
    }
    std::string out;
    for (const auto& line : lines) {
        std::string text;
        for (size_t i = 0; i < line.size(); ++i) text += padded(line[i], widths[i]) + "  ";
        out += text.substr(0, text.find_last_not_of(' ') + 1) + "\n";
    }
    return out;
}

std::string listOf(const Object& row) {
    size_t width = 0;
    for (const auto& name : row.getNames()) width = std::max(width, titleOf(name).size());
    std::string out;
    for (const auto& name : row.getNames()) {
        out += padded(titleOf(name), width + 2) + textOf(name, row.get(name)) + "\n";
    }
    return out;
}

}  // namespace netchat::cmd
