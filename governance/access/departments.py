"""The 32 departments (部门) that exchange data; codes equal the contract's ``Owner`` where it has one."""

from governance.contract import Owner

DEPARTMENTS: dict[str, str] = {
    Owner.POLICE.value: "公安局",
    Owner.CIVIL_AFFAIRS.value: "民政局",
    Owner.HEALTH.value: "卫生健康委员会",
    Owner.LABOUR.value: "人力资源和社会保障局",
    Owner.MEDICAL_INSURANCE.value: "医疗保障局",
    Owner.MARKET.value: "市场监督管理局",
    Owner.JUSTICE.value: "司法局",
    Owner.EDUCATION.value: "教育局",
    Owner.HOUSING.value: "住房和城乡建设局",
    Owner.DISABILITY.value: "残疾人联合会",
    Owner.VETERANS.value: "退役军人事务局",
    Owner.POLITICAL_LEGAL.value: "政法委员会",
    Owner.URBAN.value: "城市管理执法委员会",
    Owner.EMERGENCY.value: "应急管理局",
    Owner.NATURAL_RESOURCES.value: "自然资源和规划局",
    "reform": "发展和改革委员会",
    "economy": "经济和信息化局",
    "science": "科学技术局",
    "ethnic": "民族宗教事务委员会",
    "finance": "财政局",
    "environment": "生态环境局",
    "transport": "交通运输局",
    "water": "水利和湖泊局",
    "agriculture": "农业农村局",
    "commerce": "商务局",
    "culture": "文化和旅游局",
    "statistics": "统计局",
    "tax": "税务局",
    "housing_fund": "住房公积金中心",
    "fire": "消防救援支队",
    "data": "数据局",
    "petition": "信访局",
}
"""Code → Chinese name, in the order lists show them."""
